//! `list` and `show`: what there is.

use super::args::{ListArgs, ShowArgs};
use super::{GOOD, library};
use anyhow::bail;
use sifseal_conformance::result::Level;
use sifseal_conformance::scenario::Scenario;
use std::process::ExitCode;

pub(super) fn list(args: &ListArgs) -> anyhow::Result<ExitCode> {
    let library = library(args.scenarios.as_deref())?;
    let text = args.text.as_deref().unwrap_or_default();
    let mut group = "";
    let mut count = 0;
    for scenario in library.scenarios.iter().filter(|own| own.is_about(text)) {
        if scenario.group != group {
            group = &scenario.group;
            println!("{group}");
        }
        println!("  {:<6} {}", word(scenario.level), scenario.id);
        count += 1;
    }
    println!("{count} scenarios; `show ID` shows one whole");
    Ok(ExitCode::from(GOOD))
}

pub(super) fn show(args: &ShowArgs) -> anyhow::Result<ExitCode> {
    let library = library(args.scenarios.as_deref())?;
    let Some(scenario) = library.scenarios.iter().find(|own| own.id == args.id) else {
        bail!("there is no scenario `{}`; `list` shows all", args.id);
    };
    print_scenario(scenario);
    Ok(ExitCode::from(GOOD))
}

fn print_scenario(scenario: &Scenario) {
    println!(
        "{} ({}, {})",
        scenario.id,
        scenario.group,
        word(scenario.level)
    );
    println!("{}.", scenario.title);
    println!("Why: {}", scenario.why);
    let needs = scenario.features();
    println!(
        "Needs: {}",
        if needs.is_empty() {
            "nothing".to_owned()
        } else {
            needs.join(", ")
        }
    );
    if !scenario.weaknesses.is_empty() {
        println!("Shows: {}", scenario.weaknesses.join(", "));
    }
    println!(
        "Image: {}; certificates at hand: {}",
        scenario.image,
        scenario.trusts.join(", ")
    );
    for (number, step) in scenario.steps.iter().enumerate() {
        let expected = step.expected().map(|words| format!(" -> {words}"));
        println!("{:>3}. {step}{}", number + 1, expected.unwrap_or_default());
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Must => "must",
        Level::Should => "should",
        Level::May => "may",
    }
}
