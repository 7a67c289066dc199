//! Who is there: carriers and producers.

use super::content::Members;
use super::rename::{Introduced, Rename};
use crate::vocabulary::names::{Code, Naming};
use crate::vocabulary::words;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProducerKind {
    /// Independent marketing organization.
    Imo,
    /// Managing general agent.
    Mga,
    Agency,
    Agent,
}

words!(ProducerKind { Imo = "imo", Mga = "mga", Agency = "agency", Agent = "agent" });

/// A carrier is known from now on.
#[derive(Clone, Debug, PartialEq)]
pub struct CarrierAdded {
    /// Its code.
    pub carrier: Code,
}

impl CarrierAdded {
    pub(super) fn map<F: Naming, T: Naming, R: Rename<F, T>>(&self, r: &mut R) -> Result<Self, R::Error> {
        r.introduced(Introduced::Carrier(&self.carrier));
        Ok(self.clone())
    }

    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("carrier", self.carrier.as_str());
    }
}

/// A producer is known from now on.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerAdded {
    /// Its code.
    pub producer: Code,
    pub kind: ProducerKind,
}

impl ProducerAdded {
    pub(super) fn map<F: Naming, T: Naming, R: Rename<F, T>>(&self, r: &mut R) -> Result<Self, R::Error> {
        r.introduced(Introduced::Producer(&self.producer));
        Ok(self.clone())
    }

    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("kind", self.kind.as_str());
        m.text("producer", self.producer.as_str());
    }
}

/// What of the directory is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DirectoryKind {
    /// A carrier's name.
    Carrier,
    /// A producer's name, number and bank details.
    Producer,
    /// Who recorded, approved or settled something.
    Person,
    /// What somebody noted.
    Note,
}

words!(DirectoryKind { Carrier = "carrier", Producer = "producer", Person = "person", Note = "note" });

/// What the directory kept under a code was erased, for good.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonalDataErased {
    pub kind: DirectoryKind,
    /// The code of a carrier or producer, or the id of a person or note.
    pub code: Code,
}

impl PersonalDataErased {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("code", self.code.as_str());
        m.text("kind", self.kind.as_str());
    }
}
