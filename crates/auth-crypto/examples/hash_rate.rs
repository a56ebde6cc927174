//! Raw Argon2id hashes per second with reused memory: the ceiling the password
//! pool is measured against.
//!
//! `hash_rate [threads] [seconds] [memory_kib] [iterations]`

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use auth_crypto::Argon2Params;

fn main() -> Result<(), argon2::Error> {
    let defaults = Argon2Params::default();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let argument = |index: usize| std::env::args().nth(index)?.parse::<u32>().ok();
    let threads = argument(1).map_or(cores, |count| count as usize).max(1);
    let run_for = Duration::from_secs(argument(2).unwrap_or(5).max(1).into());
    let memory_kib = argument(3).unwrap_or(defaults.memory_kib);
    let iterations = argument(4).unwrap_or(defaults.iterations);
    let params = Params::new(memory_kib, iterations, defaults.parallelism, Some(32))?;

    let hashes = AtomicU64::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
                let mut memory = vec![Block::default(); params.block_count()];
                let mut key = [0_u8; 32];
                while started.elapsed() < run_for {
                    let salt = hashes.fetch_add(1, Relaxed).to_le_bytes();
                    let done = argon2.hash_password_into_with_memory(
                        b"correct horse battery staple",
                        &salt,
                        &mut key,
                        &mut memory,
                    );
                    if done.is_err() {
                        hashes.fetch_sub(1, Relaxed);
                        return;
                    }
                }
            });
        }
    });
    let count = u32::try_from(hashes.load(Relaxed)).unwrap_or(u32::MAX);
    println!("rate={:.2}", f64::from(count) / started.elapsed().as_secs_f64());
    Ok(())
}
