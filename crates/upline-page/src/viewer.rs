//! Who looks.

use upline_access::{Act, Role};
use upline_answers::scope::Scope;

/// Who looks at a page.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub name: String,
    pub role: Role,
    /// Whom it may see.
    pub scope: Scope,
    /// The CSRF token of its session, which its forms send; none where it came with a token.
    pub csrf: Option<String>,
}

impl Viewer {
    /// Whether its role includes something.
    pub fn may(&self, act: Act) -> bool {
        self.role.may(act)
    }
}
