//! What a plugin asks the person while it works on one request.

use sifseal_core::traits::Ask as CoreAsk;
use sifseal_core::{Context, Result, Shown};
use sifseal_plugin_protocol::{
    Answer, Ask, Method, Need, Params, Resume, SecretText, Sign, SignerOf,
};
use std::collections::BTreeMap;

/// How many questions and remarks one request may have. Each has the whole time of a
/// request, so without an end of them there would be none of the request.
pub(crate) const MAX_QUESTIONS: usize = 16;

/// The longest text of a plugin that is shown to a person, in characters. One of many
/// screens could look like something else than a plugin's question.
const LONGEST_TEXT: usize = 500;

/// The methods in which a plugin may ask the person something: those about one key.
const MAY_ASK: [&str; 2] = [SignerOf::NAME, Sign::NAME];

/// True if the plugin may ask the person something in this method.
pub(crate) fn may_ask(method: &str) -> bool {
    MAY_ASK.contains(&method)
}

/// The questions of one request.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    /// How often the secret of each key has been asked for. The plugin says so too, and
    /// is not relied on: whoever answers the first attempt only must not be had again, and
    /// a card that got the same wrong PIN three times is locked.
    attempts: BTreeMap<String, u8>,
}

impl Questions {
    /// Puts a question to the person, who is told whose it is: no plugin can pass for us
    /// and ask for the passphrase of another key. Nor does it get one that was given to us
    /// beforehand: only the person answers, at a terminal.
    ///
    /// # Errors
    /// None that the plugin or the person could bring about.
    pub(crate) fn put(&mut self, cx: &Context<'_>, place: &str, need: Need) -> Result<Params> {
        let whole = |text: &str| format!("{place}: {}", shown(text));
        let person = cx.ui.in_person();
        let answer = match need.ask {
            Ask::Notice { text } => {
                person.notice(&whole(&text));
                Some(Answer::Told(true))
            }
            Ask::Line { text } => person.ask(&whole(&text)).map(Answer::Line),
            Ask::Confirm { text } => person.confirm(&whole(&text)).map(Answer::Yes),
            Ask::Passphrase { text, key, attempt } => {
                let key = shown(&key);
                let ask = CoreAsk {
                    question: &whole(&text),
                    attempt: self.attempt(&key, attempt),
                    key: &key,
                };
                let secret = person.passphrase(&ask);
                secret.map(|secret| Answer::Secret(SecretText(secret)))
            }
        };
        let token = need.token;
        Resume { token, answer }.to_params()
    }

    /// Which attempt this is: the plugin may know of earlier ones, and forgets none of
    /// this request.
    fn attempt(&mut self, key: &str, claimed: u8) -> u8 {
        let count = self.attempts.entry(key.to_owned()).or_default();
        *count = count.saturating_add(1);
        claimed.max(*count)
    }
}

/// A plugin's text as a person may see it: neither long nor obeyed by a terminal.
fn shown(text: &str) -> String {
    let text: String = text.chars().take(LONGEST_TEXT).collect();
    Shown::new(&text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sifseal_core::traits::{Nobody, Ui};
    use sifseal_core::{Secret, Timestamp};
    use std::sync::Mutex;
    use std::sync::atomic::AtomicBool;

    static NEVER: AtomicBool = AtomicBool::new(false);

    /// Writes down what is shown, and says a PIN once.
    #[derive(Debug, Default)]
    struct Listener(Mutex<Vec<String>>);

    impl Listener {
        fn hears(&self, text: &str) {
            self.0.lock().unwrap().push(text.to_owned());
        }
    }

    impl Ui for Listener {
        fn notice(&self, text: &str) {
            self.hears(text);
        }

        fn ask(&self, question: &str) -> Option<String> {
            self.hears(question);
            None
        }

        fn confirm(&self, question: &str) -> Option<bool> {
            self.hears(question);
            None
        }

        fn passphrase(&self, ask: &CoreAsk<'_>) -> Option<Secret> {
            self.hears(ask.question);
            self.hears(ask.key);
            (ask.attempt <= 1).then(|| Secret::from("1234".to_owned()))
        }

        fn in_person(&self) -> &dyn Ui {
            self
        }
    }

    /// Has answers to everything that were given beforehand, and nobody to ask.
    #[derive(Debug)]
    struct Unattended;

    impl Ui for Unattended {
        fn notice(&self, _text: &str) {}

        fn ask(&self, _question: &str) -> Option<String> {
            Some("Ada".to_owned())
        }

        fn confirm(&self, _question: &str) -> Option<bool> {
            Some(true)
        }

        fn passphrase(&self, _ask: &CoreAsk<'_>) -> Option<Secret> {
            Some(Secret::from("of the key of files".to_owned()))
        }

        fn in_person(&self) -> &dyn Ui {
            &Nobody
        }
    }

    /// Whether there was an answer.
    fn put(questions: &mut Questions, ui: &dyn Ui, ask: Ask) -> bool {
        let cx = Context {
            now: Timestamp(0),
            deadline: None,
            cancelled: &NEVER,
            ui,
        };
        let token = "t".to_owned();
        let params = questions.put(&cx, "plugin p", Need { token, ask });
        params.unwrap().expose().contains_key("answer")
    }

    fn pin(key: &str) -> Ask {
        Ask::Passphrase {
            text: "PIN: ".to_owned(),
            key: key.to_owned(),
            attempt: 1,
        }
    }

    #[test]
    fn whatever_a_plugin_asks_with_no_terminal_obeys_it() {
        let hostile = || format!("\u{1b}[2K\u{202e}{}", "x".repeat(1000));
        let listener = Listener::default();
        let passphrase = Ask::Passphrase {
            text: hostile(),
            key: hostile(),
            attempt: 1,
        };
        for ask in [
            Ask::Notice { text: hostile() },
            Ask::Line { text: hostile() },
            Ask::Confirm { text: hostile() },
            passphrase,
        ] {
            put(&mut Questions::default(), &listener, ask);
        }
        let heard = listener.0.into_inner().unwrap();
        assert_eq!(heard.len(), 5);
        for text in heard {
            assert!(text.contains("\\u{1b}[2K\\u{202e}xxx"), "{text}");
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
            assert!(text.chars().count() < 550, "{text}");
        }
    }

    #[test]
    fn what_was_given_for_our_own_questions_answers_none_of_a_plugin() {
        let text = || "? ".to_owned();
        for ask in [
            Ask::Line { text: text() },
            Ask::Confirm { text: text() },
            pin("card"),
        ] {
            assert!(!put(&mut Questions::default(), &Unattended, ask));
        }
    }

    #[test]
    fn a_plugin_that_always_says_it_is_the_first_attempt_gets_one_answer_to_that() {
        let mut questions = Questions::default();
        let listener = Listener::default();
        assert!(put(&mut questions, &listener, pin("card")));
        assert!(put(&mut questions, &listener, pin("other card")));
        for _ in 0..300 {
            assert!(!put(&mut questions, &listener, pin("card")));
        }
        assert!(put(&mut Questions::default(), &listener, pin("card")));
    }

    #[test]
    fn an_attempt_that_only_the_plugin_knows_of_counts() {
        let mut questions = Questions::default();
        assert_eq!(questions.attempt("card", 3), 3);
        assert_eq!(questions.attempt("card", 1), 2);
    }
}
