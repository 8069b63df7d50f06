//! Planned digests against those of the same bytes in memory.

use super::super::testing::{context, image, impossible_thread};
use super::*;

const SHA256: DigestAlgorithm = DigestAlgorithm::Sha256;
const SHA384: DigestAlgorithm = DigestAlgorithm::Sha384;

fn id(number: u32) -> ObjectId {
    ObjectId::new(number).unwrap()
}

fn group(number: u32) -> GroupId {
    GroupId::new(number).unwrap()
}

#[test]
fn each_planned_digest_is_that_of_the_objects_data() {
    let (_folder, _, image) = image(&[(1, b"one"), (1, b""), (2, b"three")]);
    let mut plan = DigestPlan::default();
    plan.need(id(1), SHA256);
    plan.need(id(1), SHA384);
    plan.need(id(2), SHA256);
    let digests = plan.run(&context(), &image).unwrap();
    assert_eq!(digests.of(id(1), SHA256), Some(&SHA256.digest(b"one")));
    assert_eq!(digests.of(id(1), SHA384), Some(&SHA384.digest(b"one")));
    assert_eq!(digests.of(id(2), SHA256), Some(&SHA256.digest(b"")));
    assert_eq!(digests.of(id(3), SHA256), None, "nobody asked");
}

#[test]
fn a_groups_digest_is_over_its_objects_one_behind_the_other() {
    let (_folder, _, image) = image(&[(1, b"one"), (2, b"two"), (1, b"three")]);
    let mut plan = DigestPlan::default();
    plan.need_group(group(1), SHA384);
    plan.need(id(3), SHA256);
    plan.need(id(2), SHA256);
    let digests = plan.run(&context(), &image).unwrap();
    let whole = SHA384.digest(b"onethree");
    assert_eq!(digests.of_group(group(1), SHA384), Some(&whole));
    assert_eq!(digests.of(id(3), SHA256), Some(&SHA256.digest(b"three")));
    assert_eq!(digests.of(id(2), SHA256), Some(&SHA256.digest(b"two")));
    assert_eq!(digests.of_group(group(2), SHA384), None);
}

#[test]
fn an_object_that_is_hashed_with_its_group_is_not_read_a_second_time() {
    let (_folder, _, image) = image(&[(1, b"one"), (1, b"two"), (2, b"three")]);
    let mut plan = DigestPlan::default();
    plan.need_group(group(1), SHA256);
    plan.need(id(2), SHA256);
    plan.need(id(3), SHA256);
    let read: usize = plan.jobs(&image).iter().map(|job| job.objects.len()).sum();
    assert_eq!(read, 3);
}

#[test]
fn without_any_thread_to_be_had_all_is_hashed_all_the_same() {
    let large = vec![7; READ_AHEAD_FROM as usize];
    let (_folder, _, image) = image(&[(1, &large), (1, b"two"), (1, b"three")]);
    let mut plan = DigestPlan::default();
    for object in 1..=3 {
        plan.need(id(object), SHA256);
    }
    let digests = plan
        .run_with(&context(), &image, &impossible_thread)
        .unwrap();
    assert_eq!(digests.of(id(1), SHA256), Some(&SHA256.digest(&large)));
    assert_eq!(digests.of(id(3), SHA256), Some(&SHA256.digest(b"three")));
}
