//! The ids of recorded events, which follow from their content (facts.md: `id`).

use upline_core::content::{ContentKey, Key};
use upline_core::event::{Event, Identity, Position};
use upline_core::fact::persons::{is_text_id, texts};
use upline_core::reference_data::{ReferenceData, Unknown};
use uuid::Uuid;

/// The id and content key of a recorded fact; `None` for an event of the ledger's own.
pub fn fact_id(
    reference: &ReferenceData,
    position: Position,
    event: &Event,
    text: &mut String,
) -> Result<Option<(Uuid, ContentKey)>, Unknown> {
    if matches!(event.identity, Identity::Caused { .. }) {
        return Ok(None);
    }
    let body = reference.named_as_issued(&event.body).ok_or(Unknown(position))?;
    let (on, remarks) = (event.on, event.remarks.as_deref());
    let ordinal = match event.identity {
        Identity::Derived { ordinal } => ordinal,
        _ => 1,
    };
    // Ids are derived from what was submitted: the texts themselves, where an older program left them in the log.
    let key = if texts(remarks, &body).all(|(_, text)| is_text_id(text)) {
        Key::of(on, remarks, &body, |_| ordinal, text)
    } else {
        Key::of_everything(on, remarks, &body, |_| ordinal, text)
    };
    Ok(match event.identity {
        Identity::Given(id) => Some((id, key.content)),
        Identity::Derived { .. } => Some((key.id, key.content)),
        Identity::Caused { .. } => None,
    })
}

/// The id of the n-th event (from 1) that the ledger recorded because of a fact.
pub fn caused_id(cause: Uuid, ordinal: u32) -> Uuid {
    Uuid::new_v5(&cause, &ordinal.to_be_bytes())
}

/// The ids of events that are met in the order of the log, each fact before what it caused.
#[derive(Debug, Default)]
pub struct EventIds {
    text: String,
    last_fact: Option<Uuid>,
}

impl EventIds {
    /// The id of the next event, and that of the fact that caused it.
    pub fn next(
        &mut self,
        reference: &ReferenceData,
        position: Position,
        event: &Event,
    ) -> Result<(Uuid, Option<Uuid>), Unknown> {
        if let Identity::Caused { ordinal, .. } = event.identity {
            let cause = self.last_fact.ok_or(Unknown(position))?;
            return Ok((caused_id(cause, ordinal), Some(cause)));
        }
        let (id, _) = fact_id(reference, position, event, &mut self.text)?.ok_or(Unknown(position))?;
        self.last_fact = Some(id);
        Ok((id, None))
    }
}
