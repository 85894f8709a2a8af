//! Placeholder until the analysis is merged.
use super::checked::CheckedPolicy;
pub struct Problem {
    pub clauses: Vec<usize>,
}
impl Problem {
    pub fn describe(&self, _: &[&str]) -> (String, String) {
        (String::new(), String::new())
    }
    pub fn code(&self) -> &'static str {
        ""
    }
}
pub fn analyse(_: &CheckedPolicy) -> Vec<Problem> {
    Vec::new()
}
