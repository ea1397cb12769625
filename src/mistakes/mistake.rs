//! What a mistake is.

use crate::client;
use crate::pool;
use crate::pool::policy::Scope;
use crate::srp::Dialect;
use crate::wire::Reply;

/// A known wrong variant, with the story of where it happened.
///
/// It is used three ways: to *name* the cause of a bad proof, to *mutate* a reference so that rules are proved able to
/// fail, and to *explain*.
#[derive(Clone, Copy, Debug)]
pub struct Mistake {
    /// Stable id, `family.what-is-wrong`.
    pub id: &'static str,
    /// One sentence that says what the wrong variant does.
    pub sentence: &'static str,
    /// Where it happened: repository and issue or commit, or `HEAD` for what the source says today. Empty where nobody has
    /// reported it yet.
    pub seen: &'static [&'static str],
    /// The change that makes a reference commit it.
    pub edit: Edit,
    /// Ids of rules of which at least one has to catch it.
    pub caught_by: &'static [&'static str],
}

/// What a mistake changes. References stay clean: they only read plain data that a mistake edits.
#[derive(Clone, Copy, Debug)]
pub enum Edit {
    /// The client's dialect of SRP.
    Dialect(fn(Dialect) -> Dialect),
    /// The client's policy, which includes hooks on its outgoing messages.
    Client(fn(&mut client::Policy)),
    /// The pool's policy.
    Pool(fn(&mut pool::Policy)),
    /// What the port tells the application.
    Reply(fn(Reply) -> Reply),
}

/// What a service makes verifiers and B of.
#[derive(Clone, Debug)]
pub struct VerifierForm {
    /// With which arithmetic.
    pub dialect: Dialect,
    /// Whether the whole pool id goes into x, rather than the pool's name.
    pub whole_pool_id: bool,
}

/// All that a mistake can edit: what the references decide. By default they are right.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// The client's decisions.
    pub client: client::Policy,
    /// What becomes of each reply before the application sees it; `None` where it stays as it is.
    pub reply: Option<fn(Reply) -> Reply>,
    /// The pool's decisions.
    pub pool: pool::Policy,
}

impl Policies {
    /// Those of references of which one commits a mistake.
    pub fn of(mistake: &Mistake) -> Self {
        let mut policies = Self::default();
        mistake.commit(&mut policies);
        policies
    }
}

impl Mistake {
    /// What a service that commits it makes verifiers and B of; `None` where that is what is right.
    pub fn verifier_form(&self) -> Option<VerifierForm> {
        let right = pool::Policy::default();
        let mut policy = pool::Policy::default();
        match self.edit {
            Edit::Dialect(edit) => policy.dialect = edit(policy.dialect),
            Edit::Pool(edit) => edit(&mut policy),
            Edit::Client(_) | Edit::Reply(_) => return None,
        }
        let is_right = policy.dialect == right.dialect && policy.srp.scope == right.srp.scope;
        (!is_right).then(|| VerifierForm {
            dialect: policy.dialect,
            whole_pool_id: policy.srp.scope == Scope::WholePoolId,
        })
    }

    /// Makes a reference commit it from now on.
    pub fn commit(&self, policies: &mut Policies) {
        match self.edit {
            Edit::Dialect(edit) => policies.client.dialect = edit(policies.client.dialect.clone()),
            Edit::Client(edit) => edit(&mut policies.client),
            Edit::Pool(edit) => edit(&mut policies.pool),
            Edit::Reply(edit) => policies.reply = Some(edit),
        }
    }

    /// Whether it is the client (the port) that errs, rather than the service.
    pub fn is_of_the_port(&self) -> bool {
        !matches!(self.edit, Edit::Pool(_))
    }
}
