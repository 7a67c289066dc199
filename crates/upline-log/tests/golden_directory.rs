//! As `golden.rs`, of the facts about what lies beside the log.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod samples;

use samples::{check, code, event};
use upline_core::fact::*;
use upline_core::money::Cents;
use upline_core::names::*;
use upline_core::time::Day;

#[test]
fn action_proposed_and_action_decided() {
    let commitment = code("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let proposal = || code("write_off-e3b0c44298fc1c14");
    let proposed = ActionProposed { proposal: proposal(), action: Action::WriteOff, commitment };
    check(
        event(Body::ActionProposed(Box::new(proposed))),
        &[],
        "2501fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a11a77726974655f6f66662d6533623063343432393866633163313404406533623063343432393866633163313439616662663463383939366662393234323761653431653436343962393334636134393539393162373835326238353500",
    );
    let decided = ActionDecided { proposal: proposal(), decision: Decision::Withdrawn };
    check(
        event(Body::ActionDecided(decided)),
        &[],
        "2601fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a11a77726974655f6f66662d653362306334343239386663316331340300",
    );
}

#[test]
fn bank_details_set_payment_file_written_and_personal_data_erased() {
    let hash = || code("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let (producer, approved_by, hold_days) = (ProducerId(2), "Ann".to_owned(), Some(5));
    let set = BankDetailsSet { producer, commitment: hash(), approved_by, hold_days };
    check(
        event(Body::BankDetailsSet(Box::new(set))),
        &[],
        "2201fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a102406533623063343432393866633163313439616662663463383939366662393234323761653431653436343962393334636134393539393162373835326238353503416e6e010500",
    );
    let written = PaymentFileWritten {
        run: 17,
        file: hash(),
        pay_on: Day::parse("2026-07-03").unwrap(),
        total: Cents(262_160),
        credits: 2,
        originator: hash(),
        accounts: hash(),
    };
    check(
        event(Body::PaymentFileWritten(Box::new(written))),
        &[],
        "2301fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1114065336230633434323938666331633134396166626634633839393666623932343237616534316534363439623933346361343935393931623738353262383535fb7cb4fc20000800024065336230633434323938666331633134396166626634633839393666623932343237616534316534363439623933346361343935393931623738353262383535406533623063343432393866633163313439616662663463383939366662393234323761653431653436343962393334636134393539393162373835326238353500",
    );
    let erased = PersonalDataErased { kind: DirectoryKind::Person, code: code("person:3") };
    check(
        event(Body::PersonalDataErased(erased)),
        &[],
        "2401fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10308706572736f6e3a3300",
    );
}
