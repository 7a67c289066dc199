//! What was proposed and decided as bytes.

use super::statement::sha256;
use super::{Wire, code, word};
use crate::codec::{In, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::fact::{ActionDecided, ActionProposed};

impl Wire for ActionProposed {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.proposal.as_str(), self.action.to_number(), self.commitment.as_str()))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(ActionProposed { proposal: code(from)?, action: word(from)?, commitment: sha256(from)? })
    }
}

impl Wire for ActionDecided {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.proposal.as_str(), self.decision.to_number()))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(ActionDecided { proposal: code(from)?, decision: word(from)? })
    }
}
