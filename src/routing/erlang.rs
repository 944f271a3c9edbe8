//! Erlang's formulas: how long callers wait when calls come at random and last at random.
//!
//! Pure mathematics, for planning and as the measure by which the floor and its estimate are tested: B where callers who
//! find everybody busy are turned away, C where they wait for ever, A where their patience has an end. Calls come by a
//! Poisson process; handling and patience are exponential. Whoever waits longest is served first.
//!
//! Times are in seconds. Negative or infinite input is a mistake of the caller, and what comes out then means nothing.

#[cfg(test)]
mod against_the_floor;
#[cfg(test)]
mod tests;

/// The calls, and those who answer them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    pub advisers: u32,
    pub calls_per_s: f64,
    /// The mean time that a call takes an adviser, wrap-up included.
    pub handle_s: f64,
}

impl Demand {
    /// In erlangs: how many advisers would talk on average if nobody ever waited or left.
    pub fn load(self) -> f64 {
        self.calls_per_s * self.handle_s
    }

    /// How many calls all advisers together finish in a second.
    fn pace(self) -> f64 {
        f64::from(self.advisers) / self.handle_s
    }
}

/// The queue would grow for ever: no fewer calls come than the advisers can take.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{advisers} advisers cannot serve a load of {load} erlangs: the queue would grow for ever")]
pub struct Unstable {
    pub advisers: u32,
    pub load: f64,
}

/// Erlang B: the share of callers who find everybody busy and go away at once.
pub fn turned_away(advisers: u32, load: f64) -> f64 {
    // By the number of advisers; the usual fraction of powers and factorials would overflow.
    (1..=advisers).fold(1.0, |share, n| load * share / (f64::from(n) + load * share))
}

/// Erlang C: what becomes of callers who wait as long as it takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patient {
    demand: Demand,
    /// The probability that a caller has to wait.
    pub p_wait: f64,
}

impl Patient {
    /// # Errors
    /// [`Unstable`] when the load is not below the number of advisers.
    pub fn new(demand: Demand) -> Result<Self, Unstable> {
        let (advisers, load) = (f64::from(demand.advisers), demand.load());
        if load < advisers {
            let turned_away = turned_away(demand.advisers, load);
            Ok(Self { demand, p_wait: turned_away / (1.0 - load / advisers * (1.0 - turned_away)) })
        } else {
            Err(Unstable { advisers: demand.advisers, load })
        }
    }

    /// How many more calls could be finished in a second than come.
    fn slack(self) -> f64 {
        self.demand.pace() - self.demand.calls_per_s
    }

    /// Over all callers, those who do not wait included.
    pub fn mean_wait_s(self) -> f64 {
        self.p_wait / self.slack()
    }

    /// The share of callers answered within `target_s`.
    pub fn service_level(self, target_s: f64) -> f64 {
        1.0 - self.p_wait * (-self.slack() * target_s).exp()
    }

    /// The share of their time for which advisers are taken up.
    pub fn occupancy(self) -> f64 {
        self.demand.load() / f64::from(self.demand.advisers)
    }

    pub fn mean_queue(self) -> f64 {
        self.demand.calls_per_s * self.mean_wait_s()
    }
}

/// Nobody's patience lasts longer; far beyond it the formulas are those of Erlang C.
const LONGEST_PATIENCE_S: f64 = 1e15;

/// Erlang A: what becomes of callers who give up when their patience ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Impatient {
    demand: Demand,
    /// The mean patience.
    pub patience_s: f64,
    /// The probability that a caller finds everybody busy.
    pub p_wait: f64,
    /// The share of callers who give up.
    pub p_abandon: f64,
    pub mean_queue: f64,
    /// Over the callers who are answered, those who do not wait included. `None` when nobody is.
    pub mean_wait_of_answered_s: Option<f64>,
}

impl Impatient {
    /// The work grows with the length of the queue: some hundred steps for a site.
    pub fn new(demand: Demand, patience_s: f64) -> Self {
        let patience_s = patience_s.min(LONGEST_PATIENCE_S);
        let mut queue = Queue::found_by_callers(demand, patience_s);
        let (mut p_wait, mut mean_queue, mut answered, mut wait, mut wait_here) = (0.0, 0.0, 0.0, 0.0, 0.0);
        while let Some(Place { ahead, probability }) = queue.next() {
            p_wait += probability;
            mean_queue += ahead * probability;
            // Whoever waits here is answered when they outlast those ahead and the next to finish. Those who do wait as
            // long as if they themselves could leave as well: that they did not favours the short waits.
            let leaving = queue.leaving(ahead + 1.0);
            wait_here += 1.0 / leaving;
            let stays = demand.pace() / leaving;
            answered += probability * stays;
            wait += probability * stays * wait_here;
        }
        let p_answered = 1.0 - p_wait + answered;
        // With no patience at all the queue is empty whatever is turned away.
        let p_abandon = if patience_s > 0.0 && demand.calls_per_s > 0.0 {
            mean_queue / patience_s / demand.calls_per_s
        } else {
            1.0 - p_answered
        };
        let mean_wait_of_answered_s = (demand.advisers > 0).then(|| wait / p_answered);
        Self { demand, patience_s, p_wait, p_abandon, mean_queue, mean_wait_of_answered_s }
    }

    /// Over all callers, whether they are answered or give up.
    pub fn mean_wait_s(self) -> f64 {
        // Little's law.
        if self.demand.calls_per_s > 0.0 { self.mean_queue / self.demand.calls_per_s } else { 0.0 }
    }

    /// The share of all callers who are answered within `target_s`.
    pub fn service_level(self, target_s: f64) -> f64 {
        if self.patience_s <= 0.0 {
            return 1.0 - self.p_wait;
        }
        let mut queue = Queue::found_by_callers(self.demand, self.patience_s);
        let mut late = Late::new(self.demand.pace() * self.patience_s, target_s / self.patience_s);
        let mut in_target = 1.0 - self.p_wait;
        while let Some(Place { ahead, probability }) = queue.next() {
            let stays = self.demand.pace() / queue.leaving(ahead + 1.0);
            in_target += probability * stays * (1.0 - late.next_place());
        }
        in_target
    }

    /// The share of their time for which advisers are taken up. None is, where there is nobody.
    pub fn occupancy(self) -> f64 {
        if self.demand.advisers == 0 {
            return 0.0;
        }
        self.demand.load() * (1.0 - self.p_abandon) / f64::from(self.demand.advisers)
    }
}

/// Where a caller may find themselves who has to wait.
struct Place {
    /// How many wait already.
    ahead: f64,
    probability: f64,
}

/// The places that callers find, from the head of the queue on, as far as they matter.
struct Queue {
    calls_per_s: f64,
    pace: f64,
    gives_up_per_s: f64,
    ahead: f64,
    /// Logarithms, because with much patience under much load the head of the queue is next to never free.
    ln_probability: f64,
    length: u32,
}

/// Places less probable than this, all others of the queue together being one, do not matter.
const NEGLIGIBLE: f64 = 1e-20;
/// As good as endless.
const LONGEST_QUEUE: u32 = 10_000_000;

impl Queue {
    fn found_by_callers(demand: Demand, patience_s: f64) -> Self {
        let mut queue = Self {
            calls_per_s: demand.calls_per_s,
            pace: demand.pace(),
            gives_up_per_s: 1.0 / patience_s,
            ahead: 0.0,
            ln_probability: f64::NEG_INFINITY,
            length: 0,
        };
        let load = demand.load();
        if load <= 0.0 && demand.advisers > 0 {
            return queue;
        }
        // All states, measured by that in which everybody is busy and nobody waits; those with somebody free are what
        // Erlang B adds up.
        let not_waiting = 1.0 / turned_away(demand.advisers, load) - 1.0;
        let (mut weight, mut sum, mut ln_unit) = (1.0, 1.0, 0.0_f64);
        queue.length = 1;
        loop {
            let ratio = queue.calls_per_s / queue.leaving(f64::from(queue.length));
            weight *= ratio;
            sum += weight;
            if (ratio < 1.0 && weight < NEGLIGIBLE * sum) || queue.length == LONGEST_QUEUE {
                break;
            }
            if weight > 1e200 {
                (weight, sum, ln_unit) = (weight / 1e200, sum / 1e200, ln_unit + 1e200_f64.ln());
            }
            queue.length += 1;
        }
        queue.ln_probability = -((not_waiting * (-ln_unit).exp() + sum).ln() + ln_unit);
        queue
    }

    /// How many leave in a second while so many wait: by being answered, or by giving up.
    fn leaving(&self, waiting: f64) -> f64 {
        self.pace + waiting * self.gives_up_per_s
    }
}

impl Iterator for Queue {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        self.length = self.length.checked_sub(1)?;
        let place = Place { ahead: self.ahead, probability: self.ln_probability.exp() };
        self.ahead += 1.0;
        self.ln_probability += (self.calls_per_s / self.leaving(self.ahead)).ln();
        Some(place)
    }
}

/// The probability that somebody who is answered in the end had to wait longer than a target, place by place.
///
/// The wait from place `m` is a sum of exponential steps whose paces grow evenly, and with `x = exp(-target / patience)`
/// the probability is the incomplete beta function `I_x(b, m)`, where `b - 1` is the advisers' pace times the patience.
struct Late {
    ln_x: f64,
    b: f64,
    place: f64,
    probability: f64,
    ln_step: f64,
}

impl Late {
    fn new(finished_in_patience: f64, target_in_patience: f64) -> Self {
        let (ln_x, b) = (-target_in_patience, finished_in_patience + 1.0);
        Self { ln_x, b, place: 0.0, probability: 0.0, ln_step: b * ln_x }
    }

    fn next_place(&mut self) -> f64 {
        self.probability += self.ln_step.exp();
        // 1 - x, to the last digit also for a short target.
        let rest = -self.ln_x.exp_m1();
        self.place += 1.0;
        self.ln_step += (rest * (self.b + self.place - 1.0) / self.place).ln();
        self.probability.min(1.0)
    }
}
