//! The ratios that the engines have to reach, and those that they would like to.

use cognito_conformance::srp::modexp::{Engine, EngineName};
use serde::Serialize;

use crate::sign_ins;
use crate::steps::{CLIENT, SERVER};
use crate::workload::{Workload, engine_name};

/// One row of the table of goals.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// What is compared.
    pub what: &'static str,
    /// Our candidate.
    pub own: String,
    /// The other one.
    pub against: String,
    /// The least ratio that is right.
    pub must: f64,
    /// The ratio that is aimed at.
    pub goal: f64,
    /// The median of the rounds' ratios, if both were measured.
    pub reached: Option<f64>,
    /// One tenth of the rounds' ratios is below.
    pub p10: Option<f64>,
    /// Nine tenths of the rounds' ratios are below.
    pub p90: Option<f64>,
    /// What to think of it.
    pub verdict: Verdict,
}

/// What to think of a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The goal is reached.
    Goal,
    /// What must be is, the goal is not reached.
    Must,
    /// Less than what must be.
    Missed,
    /// There is no ratio.
    NotMeasured,
}

impl Verdict {
    /// For the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Goal => "ok, goal reached",
            Self::Must => "ok",
            Self::Missed => "missed",
            Self::NotMeasured => "not measured",
        }
    }
}

/// The rows, as far as the workloads give them.
pub fn rows(done: &[Workload]) -> Vec<Row> {
    GOALS.iter().map(|goal| goal.row(done)).collect()
}

struct Goal {
    what: &'static str,
    workload: &'static str,
    own: Own,
    against: Against,
    must: f64,
    goal: f64,
}

/// Whose time has to be short.
enum Own {
    /// The fastest engine of this machine, one at a time.
    Fastest,
    /// The fastest engine of this machine, eight side by side.
    FastestTogether,
    /// The engine for any processor, one at a time.
    Portable,
}

/// Whom it is compared with.
enum Against {
    /// This candidate.
    This(&'static str),
    /// The fastest of those whose names begin so.
    Best(&'static str),
}

impl Goal {
    fn row(&self, done: &[Workload]) -> Row {
        let own = match self.own {
            Own::Fastest => engine_name(Engine::fastest().name(), false),
            Own::FastestTogether => engine_name(Engine::fastest().name(), true),
            Own::Portable => engine_name(EngineName::Portable, false),
        };
        let workload = done.iter().find(|workload| workload.name == self.workload);
        let peer = workload.and_then(|workload| match self.against {
            Against::This(name) => workload.find(name),
            Against::Best(beginning) => workload.fastest(beginning),
        });
        let ratio = workload
            .and_then(|workload| workload.find(&own))
            .and_then(|own| peer?.ratio_to(own));
        let reached = ratio.map(|ratio| ratio.median);
        let (Against::This(asked) | Against::Best(asked)) = self.against;
        Row {
            what: self.what,
            own,
            against: peer.map_or_else(|| asked.trim().to_owned(), |peer| peer.name.clone()),
            must: self.must,
            goal: self.goal,
            reached,
            p10: ratio.map(|ratio| ratio.p10),
            p90: ratio.map(|ratio| ratio.p90),
            verdict: match reached {
                None => Verdict::NotMeasured,
                Some(reached) if reached >= self.goal => Verdict::Goal,
                Some(reached) if reached >= self.must => Verdict::Must,
                Some(_) => Verdict::Missed,
            },
        }
    }
}

const GOALS: [Goal; 9] = [
    Goal {
        what: "base^e, 1024 bits, one at a time",
        workload: "base^e 1024",
        own: Own::Fastest,
        against: Against::This("OpenSSL BN_mod_exp_mont"),
        must: 3.4,
        goal: 3.7,
    },
    Goal {
        what: "base^e, 1024 bits, eight side by side",
        workload: "base^e 1024",
        own: Own::FastestTogether,
        against: Against::This("OpenSSL BN_mod_exp_mont"),
        must: 3.9,
        goal: 4.4,
    },
    Goal {
        what: "g^a, 1024 bits, one at a time",
        workload: "g^a 1024",
        own: Own::Fastest,
        against: Against::Best("OpenSSL "),
        must: 20.0,
        goal: 26.0,
    },
    Goal {
        what: "g^a, 1024 bits, eight side by side",
        workload: "g^a 1024",
        own: Own::FastestTogether,
        against: Against::Best("OpenSSL "),
        must: 20.0,
        goal: 26.0,
    },
    Goal {
        what: "whole client step, eight side by side",
        workload: CLIENT,
        own: Own::FastestTogether,
        against: Against::Best("OpenSSL "),
        must: 6.0,
        goal: 8.0,
    },
    Goal {
        what: "whole server step, eight side by side",
        workload: SERVER,
        own: Own::FastestTogether,
        against: Against::Best("OpenSSL "),
        must: 4.7,
        goal: 6.0,
    },
    Goal {
        what: "portable, base^e, 1024 bits",
        workload: "base^e 1024",
        own: Own::Portable,
        against: Against::This("num-bigint modpow"),
        must: 1.25,
        goal: 2.0,
    },
    Goal {
        what: "portable, g^a, 1024 bits",
        workload: "g^a 1024",
        own: Own::Portable,
        against: Against::This("num-bigint modpow"),
        must: 6.0,
        goal: 12.0,
    },
    Goal {
        what: "generated sign-ins a second and core",
        workload: sign_ins::WORKLOAD,
        own: Own::Fastest,
        against: Against::This("reference engine"),
        must: 8.0,
        goal: 12.0,
    },
];
