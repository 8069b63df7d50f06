//! What holds for every key store.
//!
//! The behaviour is told once, in `behaviour`, for anything that is a `KeyStore`. A
//! store joins by one line below: a name, and a function of `stage` that runs a
//! behaviour over a fresh one. What is special about one store is tested beside its
//! code; what is special about those of the operating system, in `os`, `daemon` and
//! `interruption`, since it needs an engine, a daemon, or both.

// The behaviours are functions that the tests call, so clippy takes them for none.
#![allow(clippy::unwrap_used)]

mod behaviour;
mod daemon;
mod interruption;
mod keys;
mod os;
mod sabotage;
mod stage;

/// Every behaviour over one store.
macro_rules! key_store_suite {
    ($store:ident, $run:path) => {
        mod $store {
            key_store_suite!(@tests $store, $run:
                a_store_that_is_not_there_holds_nothing_and_is_not_made_by_asking,
                a_secret_key_brings_its_certificate_along,
                a_secret_key_comes_back_byte_for_byte,
                a_large_key_comes_back_byte_for_byte,
                a_certificate_is_no_secret_key,
                a_certificate_that_comes_again_is_merged_and_never_there_twice_w5,
                a_secret_key_that_comes_again_is_merged_and_never_there_twice_w5,
                removing_one_of_three_secret_keys_leaves_the_others_whole_w1,
                removing_a_certificate_leaves_the_secret_key,
                removing_a_secret_key_leaves_its_certificate,
                what_is_removed_can_be_added_again,
                a_query_narrows_both_halves,
                a_new_passphrase_takes_the_place_of_the_old_one,
                a_certificate_takes_the_place_of_the_old_one,
                what_was_stored_is_there_for_the_next_program,
                writers_at_the_same_time_lose_no_key_w17,
                every_file_is_for_its_owner_alone_w10,
                a_store_tells_what_it_is,
            );
        }
    };
    (@tests $store:ident, $run:path: $($behaviour:ident,)*) => {
        $(#[test]
        fn $behaviour() {
            let test = concat!(stringify!($store), "::", stringify!($behaviour));
            $run(test, crate::behaviour::$behaviour);
        })*
    };
}

key_store_suite!(file, crate::stage::file);
key_store_suite!(memory, crate::stage::memory);
key_store_suite!(
    memory_with_small_items,
    crate::stage::memory_with_small_items
);
key_store_suite!(secret_service, crate::stage::secret_service);
key_store_suite!(keyutils, crate::stage::keyutils);
