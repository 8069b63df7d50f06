//! What is around a message, written and read.

use super::*;
use serde_json::{Value, json};

#[test]
fn what_is_not_known_is_ignored_everywhere() {
    let request = br#"{"id":1,"method":"find","params":{"new":1},"grease":[{}],"x":null}"#;
    assert_eq!(Request::read(request).unwrap().method, "find");
    let reply = br#"{"new":true,"id":1,"ok":{"more":2}}"#;
    assert_eq!(
        Reply::read(reply).unwrap().outcome,
        Outcome::Ok(json!({"more": 2}).into())
    );
    let need = br#"{"id":1,"need":{"ask":"confirm","text":"Touch?","token":"t","icon":"x"}}"#;
    let Outcome::Need(need) = Reply::read(need).unwrap().outcome else {
        panic!("no need");
    };
    let text = "Touch?".to_owned();
    assert_eq!(need.ask, Ask::Confirm { text });
}

#[test]
fn what_is_no_message_is_an_error_of_one_short_line() {
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(10_000));
    for line in ["", "[]", "{}", "nonsense", r#"{"id":1}"#, &long] {
        let error = Reply::read(line.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
        assert!(error.to_string().len() < 300, "{error}");
        assert!(Request::read(line.as_bytes()).is_err());
    }
}

#[test]
fn nobody_to_ask_is_not_no() {
    let nobody: Resume = serde_json::from_str(r#"{"token":"t"}"#).unwrap();
    let no: Resume = serde_json::from_str(r#"{"token":"t","answer":{"yes":false}}"#).unwrap();
    assert_eq!(nobody.answer, None);
    assert_eq!(no.answer, Some(Answer::Yes(false)));
}

#[test]
fn a_reply_says_one_thing_and_what_is_null_says_nothing() {
    let outcome = |line: &str| Reply::read(line.as_bytes()).map(|reply| reply.outcome);
    let failure = r#""error":{"kind":"denied","message":"m"}"#;
    let need = r#""need":{"ask":"notice","token":"t","text":"x"}"#;
    for two in [
        format!(r#"{{"id":1,"ok":{{}},{failure}}}"#),
        format!(r#"{{"id":1,{failure},"ok":3}}"#),
        format!(r#"{{"id":1,{need},"ok":{{}}}}"#),
        format!(r#"{{"id":1,{need},{failure}}}"#),
    ] {
        let error = outcome(&two).unwrap_err();
        assert!(error.to_string().contains("more than one of"), "{error}");
    }
    let refused = format!(r#"{{"id":1,"ok":null,"need":null,{failure}}}"#);
    assert!(matches!(outcome(&refused), Ok(Outcome::Error(_))));
    let done = r#"{"id":1,"ok":{},"error":null}"#;
    assert_eq!(outcome(done).unwrap(), Outcome::Ok(json!({}).into()));
    let nothing = r#"{"id":1,"ok":null}"#;
    assert_eq!(outcome(nothing).unwrap(), Outcome::Ok(Value::Null.into()));
    let error = outcome(r#"{"id":1,"error":null}"#).unwrap_err();
    assert!(error.to_string().contains("none of"), "{error}");
}

#[test]
fn what_is_written_is_read_again() {
    let outcomes = [
        Outcome::Ok(json!({"a": [1, "b"]}).into()),
        Outcome::Error(Failure::new(ErrorKind::Denied, "no")),
        Outcome::Need(Need {
            token: "t".to_owned(),
            ask: Ask::Passphrase {
                text: "PIN: ".to_owned(),
                key: "card".to_owned(),
                attempt: 2,
            },
        }),
    ];
    for outcome in outcomes {
        let reply = Reply { id: 3, outcome };
        assert_eq!(Reply::read(&reply.line().unwrap()).unwrap(), reply);
    }
}

#[test]
fn no_message_shows_a_secret_in_debug_output() {
    let request = br#"{"id":1,"method":"resume","params":{"answer":{"secret":"hunter2="}}}"#;
    let reply = br#"{"id":1,"ok":{"secret_key":"hunter2="}}"#;
    let request = format!("{:?}", Request::read(request).unwrap());
    let reply = format!("{:?}", Reply::read(reply).unwrap());
    for shown in [request, reply] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
