//! The user guide's chapter on signing and verifying, as far as it is about keyservers:
//! the commands in the guide's order, with what it says they print.

use crate::people::{Pair, Person, Place, verified};

const IMAGE: &str = "my_container.sif";

/// `key newpair`, `remote list`, `key push`, and all the rest.
pub(crate) fn with_push(place: &Place, engine: &'static str) {
    let ian = Person::new(engine).configured(place);
    let pair = ian.new_pair("Ian Quillfeather", "example key", "ian@guide.example", &[]);
    remote_list(place, &ian);
    let fingerprint = &pair.fingerprint;
    assert_eq!(
        ian.done(&["key", "push", fingerprint]),
        format!("public key `{fingerprint}' pushed to server successfully\n")
    );
    what_was_pushed(place, &ian, &pair);
}

/// `key newpair --push`, which does both.
pub(crate) fn with_newpair_push(place: &Place, engine: &'static str) {
    let ada = Person::asking(place, engine);
    let pair = ada.new_pair(
        "Ada",
        "",
        "ada@newpair.example",
        &["--push", "--expires", "2y"],
    );
    let date = ada.done(&["key", "list", "--format", "json"]);
    let date: serde_json::Value = serde_json::from_str(&date).unwrap();
    let date = date["keys"][0]["expires"].as_str().unwrap();
    let date = date.replace('T', " ").replace('Z', " +0000 UTC");
    let found = ada.done(&["key", "search", "--long-list", "ada@newpair.example"]);
    assert!(found.contains(&pair.fingerprint), "{found}");
    assert_eq!(found.contains(&date), place.serves.expiry_dates, "{found}");
}

fn remote_list(place: &Place, ian: &Person) {
    let url = &place.url;
    let is_insecure = if url.starts_with("http:") {
        "YES"
    } else {
        "NO"
    };
    let width = url.len();
    let expected = format!(
        "Cloud Services Endpoints\n\
         ========================\n\
         \n\
         NAME           URI                  ACTIVE  GLOBAL  EXCLUSIVE\n\
         DefaultRemote  cloud.apptainer.org  YES     YES     NO\n\
         \n\
         Keyservers\n\
         ==========\n\
         \n\
         {:<width$}  GLOBAL  INSECURE  ORDER\n\
         {url}  NO      {is_insecure:<8}  1\n\
         \n\
         * Active cloud services keyserver\n",
        "URI"
    );
    assert_eq!(ian.done(&["remote", "list"]), expected);
}

/// From the moment on when the key is on the server.
pub(crate) fn what_was_pushed(place: &Place, ian: &Person, pair: &Pair) {
    let fingerprint = pair.fingerprint.as_str();
    let added = |number: u32| {
        let ring = ian.ring_name();
        format!("{number} key(s) added to keyring of trust {ring}\n")
    };
    let date = ian.creation_date();

    // A public key that was deleted is found again.
    assert_eq!(ian.done(&["key", "remove", fingerprint]), "");
    let found = ian.done(&["key", "search", "--long-list", &pair.email]);
    assert_eq!(found, long_list(place, pair, &date));
    assert_eq!(ian.done(&["key", "pull", fingerprint]), added(1));
    searches(place, ian, pair);

    // With the public key at hand nobody is asked.
    ian.signed_image(IMAGE);
    let local = verified(IMAGE, "[LOCAL]", pair);
    assert_eq!(ian.done(&["verify", IMAGE]), local);

    // Without it, a keyserver is.
    ian.done(&["key", "remove", fingerprint]);
    let before = ian.ring();
    ian.failed(
        &["verify", "--local", IMAGE],
        3,
        "signature made by unknown entity",
    );
    let remote = verified(IMAGE, "[REMOTE]", pair);
    assert_eq!(ian.done(&["verify", IMAGE]), remote);
    assert_eq!(ian.done(&["verify", "--url", &place.url, IMAGE]), remote);
    assert_eq!(ian.ring(), before, "nothing is kept that was not pulled");

    // Pulled, it is there also where no keyserver is.
    assert_eq!(ian.done(&["key", "pull", fingerprint]), added(1));
    assert_eq!(ian.done(&["key", "pull", fingerprint]), added(0));
    assert_eq!(ian.done(&["verify", IMAGE]), local);
    assert_eq!(ian.done(&["verify", "--local", IMAGE]), local);

    // Ours alone: verify and keep.
    ian.done(&["key", "remove", fingerprint]);
    let saved = ian.run(&["verify", "--save-keys", IMAGE]);
    assert_eq!((saved.status, &saved.stdout), (0, &remote), "{saved:#?}");
    let kept = format!("Key with fingerprint {fingerprint} saved to the public keyring");
    assert!(saved.stderr.contains(&kept), "{saved:#?}");
    assert_eq!(ian.done(&["verify", "--local", IMAGE]), local);
}

fn long_list(place: &Place, pair: &Pair, date: &str) -> String {
    let row = |cells: [&str; 6]| {
        let [key, algorithm, bits, created, expires, status] = cells;
        format!("{key:<40}  {algorithm:<9}  {bits:<4}  {created:<29}  {expires:<15}  {status:<9}  ")
    };
    let heading = [
        "FINGERPRINT",
        "ALGORITHM",
        "BITS",
        "CREATION DATE",
        "EXPIRATION DATE",
        "STATUS",
    ];
    let bits = place.serves.ed25519_bits.to_string();
    let key = [&pair.fingerprint, "EdDSA", &bits, date, "", "[enabled]"];
    format!(
        "Showing 1 results\n\n{}NAME/EMAIL\n{}{}\n",
        row(heading),
        row(key),
        pair.user_id
    )
}

/// The guide's ways to search, by fingerprint, short ID, user and host, in all the forms
/// that people write them in.
fn searches(place: &Place, ian: &Person, pair: &Pair) {
    let serves = place.serves;
    let bits = serves.ed25519_bits;
    let short_list = format!(
        "Showing 1 results\n\nKEY ID    BITS  NAME/EMAIL\n{}  {bits:<4}  {}\n",
        pair.short_id(),
        pair.user_id
    );
    let names = [
        (pair.fingerprint.as_str(), true),
        (pair.key_id(), true),
        (pair.short_id(), serves.short_ids),
    ];
    let mut queries = vec![
        ("Quillfeather".to_owned(), serves.words),
        ("quillfeather".to_owned(), serves.words),
        ("@guide.example".to_owned(), serves.hosts),
        (pair.email.clone(), true),
    ];
    for (digits, served) in names {
        for prefix in ["0x", ""] {
            queries.push((format!("{prefix}{digits}"), served));
            queries.push((format!("{prefix}{}", digits.to_lowercase()), served));
        }
    }
    for (query, served) in queries {
        let line = ["key", "search", &query];
        if served {
            assert_eq!(ian.done(&line), short_list, "{query}");
            continue;
        }
        let nothing = ian.failed(&line, 1, "search failed: no matching keys found for `");
        assert_eq!(nothing.stdout, "", "{query}");
        let hint = "search for the fingerprint";
        assert!(nothing.stderr.contains(hint), "{query}: {nothing:#?}");
    }
}
