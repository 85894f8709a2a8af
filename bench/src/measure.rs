//! The clock: interleaved rounds over prepared samples.

use std::time::{Duration, Instant};

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Interleaved rounds; the median counts.
    pub rounds: usize,
    /// Time that one contender gets in a round.
    pub slice: Duration,
}

impl Effort {
    /// Chooses between a full measurement and a look.
    pub fn new(quick: bool) -> Self {
        match quick {
            false => Self {
                rounds: 9,
                slice: Duration::from_millis(150),
            },
            true => Self {
                rounds: 5,
                slice: Duration::from_millis(20),
            },
        }
    }
}

/// One way to decide samples.
trait Work {
    /// Makes what every sample is given, outside of the clock.
    fn prepare(&mut self);
    /// Decides one sample.
    fn run(&mut self, sample: usize);
}

/// A name and a way to decide samples.
pub struct Contender<'s> {
    /// As it is printed.
    pub name: String,
    samples: usize,
    work: Box<dyn Work + 's>,
}

/// Borrows its samples.
struct Borrowing<F>(F);

impl<F: FnMut(usize)> Work for Borrowing<F> {
    fn prepare(&mut self) {}

    fn run(&mut self, sample: usize) {
        (self.0)(sample);
    }
}

/// Consumes its samples, as a server does with a message.
struct Taking<'s, M, F> {
    given: &'s [M],
    ready: Vec<Option<M>>,
    take: F,
}

impl<M: Clone, F: FnMut(M)> Work for Taking<'_, M, F> {
    fn prepare(&mut self) {
        self.ready.clear();
        self.ready.extend(self.given.iter().cloned().map(Some));
    }

    fn run(&mut self, sample: usize) {
        if let Some(message) = self.ready.get_mut(sample).and_then(Option::take) {
            (self.take)(message);
        }
    }
}

impl<'s> Contender<'s> {
    /// Decides so many samples by number.
    pub fn borrowing(name: &str, samples: usize, run: impl FnMut(usize) + 's) -> Self {
        Self {
            name: name.to_owned(),
            samples,
            work: Box::new(Borrowing(run)),
        }
    }

    /// Decides samples that it consumes; copies are made outside of the clock.
    pub fn taking<M: Clone + 's>(name: &str, given: &'s [M], take: impl FnMut(M) + 's) -> Self {
        Self {
            name: name.to_owned(),
            samples: given.len(),
            work: Box::new(Taking {
                given,
                ready: Vec::new(),
                take,
            }),
        }
    }

    /// Makes what every sample is given.
    pub fn prepare(&mut self) {
        self.work.prepare();
    }

    /// Decides every prepared sample once.
    pub fn pass(&mut self) {
        for sample in 0..self.samples {
            self.work.run(sample);
        }
    }

    /// Returns how many samples a pass decides.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Runs for a slice of time and returns nanoseconds a decision.
    pub fn slice(&mut self, slice: Duration) -> f64 {
        let mut taken = Duration::ZERO;
        let mut passes = 0_usize;
        while taken < slice {
            self.prepare();
            let start = Instant::now();
            self.pass();
            taken += start.elapsed();
            passes += 1;
        }
        taken.as_nanos() as f64 / (passes * self.samples) as f64
    }

    /// Returns the allocations of a decision, on average.
    pub fn allocations(&mut self) -> f64 {
        // What is made once and kept is not a decision's.
        self.prepare();
        self.pass();
        self.prepare();
        let counted = allocation_counter::measure(|| self.pass());
        counted.count_total as f64 / self.samples as f64
    }
}

/// Lets all contenders take turns; returns each one's times, by round.
pub fn interleave(contenders: &mut [Contender<'_>], effort: Effort) -> Vec<Vec<f64>> {
    let mut times = vec![Vec::new(); contenders.len()];
    for _ in 0..effort.rounds {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            times.push(contender.slice(effort.slice));
        }
    }
    times
}

/// Divides round by round.
pub fn ratios(these: &[f64], those: &[f64]) -> Vec<f64> {
    these.iter().zip(those).map(|(a, b)| a / b).collect()
}
