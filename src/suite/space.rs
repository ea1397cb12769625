//! Which pairs of values a port can meet.

use std::collections::BTreeMap;

use super::fit::fitted;
use crate::scenario::axes::choice::{Allowed, Choice, Draft, Excluded, Place};
use crate::scenario::axes::{Pair, PairSet};
use crate::subject::Capabilities;

/// The pairs of values that are possible for one port, and why the others are not.
#[derive(Debug)]
pub struct Space {
    /// The values that it can meet.
    allowed: Allowed,
    /// The pairs that it can meet.
    possible: PairSet,
    /// Those of them in which no obstacle need stand in the way.
    calm: PairSet,
    /// How many of the others need a value that it does not offer.
    not_offered: usize,
    /// How many of the others exclude each other, by reason.
    excluded: BTreeMap<String, usize>,
}

impl Space {
    /// The space of a port that offers this.
    pub fn of(offered: &Capabilities) -> Self {
        let mut space = Self {
            allowed: allowed(offered),
            possible: PairSet::default(),
            calm: PairSet::default(),
            not_offered: 0,
            excluded: BTreeMap::new(),
        };
        for pair in Pair::all().filter(|pair| !is_lie(pair.first) && !is_lie(pair.second)) {
            match pair.choice(&space.allowed) {
                Ok(choice) if is_hidden(pair, &choice) => {
                    *space.excluded.entry(HIDDEN.to_owned()).or_default() += 1;
                }
                Ok(choice) if is_offered(&choice, offered) => {
                    space.possible.insert(pair);
                    if choice.obstacles() == 0 {
                        space.calm.insert(pair);
                    }
                }
                Ok(_) | Err(Excluded::NotAllowed(_)) => space.not_offered += 1,
                Err(why) => *space.excluded.entry(why.to_string()).or_default() += 1,
            }
        }
        space
    }

    /// The values that the port can meet.
    pub fn allowed(&self) -> &Allowed {
        &self.allowed
    }

    /// The pairs that it can meet.
    pub fn possible(&self) -> &PairSet {
        &self.possible
    }

    /// How many of the others need a value that it does not offer.
    pub fn not_offered(&self) -> usize {
        self.not_offered
    }

    /// How many of the others exclude each other, by reason.
    pub fn excluded(&self) -> &BTreeMap<String, usize> {
        &self.excluded
    }

    /// The possible pairs that a scenario of this choice meets.
    ///
    /// To have two values is not to meet them: who comes with a wrong password meets nothing of what follows. So where no obstacle
    /// need stand in the way of a pair, none may; and of the others there are at most [`MOST_OBSTACLES`].
    pub fn met(&self, choice: &Choice) -> impl Iterator<Item = Pair> {
        let obstacles = choice.obstacles();
        PairSet::of(choice).filter(move |pair| {
            self.possible.contains(*pair)
                && match self.calm.contains(*pair) {
                    true => obstacles == 0,
                    false => obstacles <= MOST_OBSTACLES,
                }
        })
    }

    /// Whether no obstacle need stand in the way of a pair.
    pub(super) fn is_calm(&self, pair: Pair) -> bool {
        self.calm.contains(pair)
    }
}

/// The values that a port can meet: those that are still there when a scenario that has them is fitted to it.
fn allowed(offered: &Capabilities) -> Allowed {
    let mut allowed = Allowed::everything();
    for place in Place::all().filter(|place| is_lie(*place)) {
        allowed.remove(place);
    }
    // What a value needs may be lost as well, and there may be another way to it: so those are taken out that are lost
    // themselves, until nothing more is.
    loop {
        let lost: Vec<Place> = Place::all()
            .filter(|place| place.value > 0 && allowed.contains(*place))
            .filter(|place| match Draft::new(&allowed).with(&[*place]) {
                Ok(draft) => {
                    let fitted = fitted(&draft.choice().scenario(), offered);
                    Choice::of(&fitted).at(place.axis) != place.value
                }
                Err(_) => true,
            })
            .collect();
        if lost.is_empty() {
            return allowed;
        }
        for place in lost {
            allowed.remove(place);
        }
    }
}

/// Whether nothing of it is lost when it is fitted to a port.
fn is_offered(choice: &Choice, offered: &Capabilities) -> bool {
    let scenario = choice.scenario();
    fitted(&scenario, offered) == scenario
}

/// Whether a fault comes in the way of another obstacle or the other way round, so that a scenario has both and meets one.
fn is_hidden(pair: Pair, choice: &Choice) -> bool {
    let is_of_fault = |place: Place| place.axis().name.starts_with("fault");
    (is_of_fault(pair.first) || is_of_fault(pair.second)) && choice.obstacles() > 1
}

/// Whether it is a lie of the client, which no port tells.
fn is_lie(place: Place) -> bool {
    place.axis().name == "attack" && place.value > 0
}

const HIDDEN: &str = "a fault and another obstacle hide each other";
/// More of them in one scenario hide each other.
pub const MOST_OBSTACLES: usize = 3;
