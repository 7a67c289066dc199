//! Who is paid by whom: the house, the routes of the cash, and commissions that are assigned (pay.md §§1, 2, 4).

use super::content::Members;
use super::rename::Rename;
use crate::vocabulary::names::{ByCode, Naming};
use crate::vocabulary::rate::Rate;
use crate::vocabulary::words;

/// Who pays a producer what a carrier's policies earn it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaidBy {
    /// The house, whom the carrier pays.
    #[default]
    House,
    /// The carrier itself.
    Carrier,
}

words!(PaidBy { House = "house", Carrier = "carrier" });

/// Who runs the ledger from a day on: carriers pay it, it pays the others, and what is payable to it is its own income.
#[derive(Clone, Debug, PartialEq)]
pub struct HouseSet<N: Naming> {
    /// Who it is; none: nobody from then on.
    pub producer: Option<N::Producer>,
}

impl<N: Naming> HouseSet<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<HouseSet<T>, R::Error> {
        let producer = self.producer.as_ref().map(|producer| r.producer("producer", producer)).transpose()?;
        Ok(HouseSet { producer })
    }
}

impl HouseSet<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        match &self.producer {
            Some(producer) => m.text("producer", producer.as_str()),
            None => m.plain("producer", "null"),
        }
    }
}

/// By whom a producer is paid from a day on.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteSet<N: Naming> {
    /// Who is paid; none: everybody without a route of its own.
    pub producer: Option<N::Producer>,
    /// Of whose policies; none: of every carrier's.
    pub carrier: Option<N::Carrier>,
    pub paid_by: PaidBy,
}

impl<N: Naming> RouteSet<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<RouteSet<T>, R::Error> {
        let producer = self.producer.as_ref().map(|producer| r.producer("producer", producer)).transpose()?;
        let carrier = self.carrier.as_ref().map(|carrier| r.carrier("carrier", carrier)).transpose()?;
        Ok(RouteSet { producer, carrier, paid_by: self.paid_by })
    }
}

impl RouteSet<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("carrier", self.carrier.as_ref().map_or("*", |carrier| carrier.as_str()));
        m.text("paid_by", self.paid_by.as_str());
        m.text("producer", self.producer.as_ref().map_or("*", |producer| producer.as_str()));
    }
}

/// A producer gives away a part of its commissions with a carrier, on policies issued from a day on.
#[derive(Clone, Debug, PartialEq)]
pub struct CommissionAssigned<N: Naming> {
    pub producer: N::Producer,
    pub carrier: N::Carrier,
    /// Who gets what the producer does not keep.
    pub to: N::Producer,
    /// The part that the producer keeps, below 1.
    pub keeps: Rate,
}

impl<N: Naming> CommissionAssigned<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(
        &self,
        r: &mut R,
    ) -> Result<CommissionAssigned<T>, R::Error> {
        let producer = r.producer("producer", &self.producer)?;
        let carrier = r.carrier("carrier", &self.carrier)?;
        Ok(CommissionAssigned { producer, carrier, to: r.producer("to", &self.to)?, keeps: self.keeps })
    }
}

impl CommissionAssigned<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("carrier", self.carrier.as_str());
        m.rate("keeps", self.keeps);
        m.text("producer", self.producer.as_str());
        m.text("to", self.to.as_str());
    }
}

/// An assignment counts for no policy that is issued from a day on.
#[derive(Clone, Debug, PartialEq)]
pub struct AssignmentEnded<N: Naming> {
    pub producer: N::Producer,
    pub carrier: N::Carrier,
}

impl<N: Naming> AssignmentEnded<N> {
    pub(super) fn map<T: Naming, R: Rename<N, T>>(&self, r: &mut R) -> Result<AssignmentEnded<T>, R::Error> {
        let producer = r.producer("producer", &self.producer)?;
        Ok(AssignmentEnded { producer, carrier: r.carrier("carrier", &self.carrier)? })
    }
}

impl AssignmentEnded<ByCode> {
    pub(super) fn fields(&self, m: &mut Members<'_, '_>) {
        m.text("carrier", self.carrier.as_str());
        m.text("producer", self.producer.as_str());
    }
}
