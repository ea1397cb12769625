//! What came of a sign-in, held against its scenario.

/// What came of one sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It went as the scenario allows; so many answers of the service came unaltered.
    Went {
        /// How many.
        answers: usize,
    },
    /// It went another way.
    Strayed(Strayed),
    /// It is not judged, for this reason.
    Unjudged(&'static str),
}

/// Where a sign-in left what the scenario allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strayed {
    /// How.
    pub by: By,
    /// The exchange, if there is one.
    pub exchange: Option<usize>,
    /// What is allowed.
    pub expected: String,
    /// What came.
    pub got: String,
}

/// How a sign-in left what the scenario allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The port made a request that may not come there.
    Request,
    /// The service gave an answer that a right request does not get there.
    Answer,
    /// The sign-in ended as it may not.
    End,
}
