//! The program of the suite.

fn main() {}
