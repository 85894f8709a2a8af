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

/// A name and a way to decide samples.
pub struct Contender<'s> {
    /// As it is printed.
    pub name: String,
    samples: usize,
    run: Box<dyn FnMut(usize) + 's>,
}

impl<'s> Contender<'s> {
    /// Decides so many samples by number.
    pub fn new(name: &str, samples: usize, run: impl FnMut(usize) + 's) -> Self {
        Self {
            name: name.to_owned(),
            samples,
            run: Box::new(run),
        }
    }

    /// Decides each of these samples.
    pub fn each<M>(name: &str, given: &'s [M], mut run: impl FnMut(&M) + 's) -> Self {
        Self::new(name, given.len(), move |n| run(&given[n]))
    }

    /// Decides every sample once.
    pub fn pass(&mut self) {
        for sample in 0..self.samples {
            (self.run)(sample);
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
            let start = Instant::now();
            self.pass();
            taken += start.elapsed();
            passes += 1;
        }
        taken.as_nanos() as f64 / (passes * self.samples) as f64
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

/// Runs something once; returns nanoseconds and what came of it.
pub fn timed<T>(run: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let what = run();
    (start.elapsed().as_nanos() as f64, what)
}

/// Divides round by round.
pub fn ratios(these: &[f64], those: &[f64]) -> Vec<f64> {
    these.iter().zip(those).map(|(a, b)| a / b).collect()
}
