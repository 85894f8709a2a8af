//! The last good bundle of a remote source, kept in a directory for the next start.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::Access;

use super::bundle::MAX_BUNDLE_BYTES;
use super::{LoadError, io_error};

/// The file that is kept.
const FILE: &str = "policies.bundle";
/// The file while it is written.
const UNFINISHED: &str = "policies.bundle.new";

/// A directory with a bundle, as it was fetched. The time of the file is when the source
/// last confirmed it.
#[derive(Clone, Debug)]
pub struct BundleCache(PathBuf);

/// A bundle that was kept.
#[derive(Debug)]
pub struct CachedBundle {
    /// As it was fetched.
    pub bytes: Vec<u8>,
    /// When its source last confirmed it.
    pub confirmed: SystemTime,
}

impl BundleCache {
    /// Uses a directory.
    ///
    /// # Errors
    /// It does not exist, is not a directory, or cannot be written to.
    pub fn new(directory: &Path) -> io::Result<Self> {
        rustix::fs::access(directory.join("."), Access::WRITE_OK | Access::EXEC_OK)?;
        Ok(Self(directory.to_owned()))
    }

    /// Reads what is kept; `None`: nothing.
    ///
    /// # Errors
    /// It cannot be read, or is larger than [`MAX_BUNDLE_BYTES`].
    pub fn read(&self) -> Result<Option<CachedBundle>, LoadError> {
        let path = self.0.join(FILE);
        let wrong = |error| io_error(&path, error);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(wrong(error)),
        };
        let metadata = file.metadata().map_err(wrong)?;
        let confirmed = metadata.modified().map_err(wrong)?;
        if metadata.len() > MAX_BUNDLE_BYTES {
            let limit = MAX_BUNDLE_BYTES;
            return Err(LoadError::TooLarge { path, limit });
        }
        let mut bytes = Vec::new();
        let mut file = file.take(MAX_BUNDLE_BYTES);
        file.read_to_end(&mut bytes).map_err(wrong)?;
        Ok(Some(CachedBundle { bytes, confirmed }))
    }

    /// Keeps a bundle, in place of the one before: whole, or not at all.
    ///
    /// # Errors
    /// It cannot be written; the one before is still there.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let unfinished = self.0.join(UNFINISHED);
        let mut file = File::create(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(unfinished, self.0.join(FILE))?;
        // The name lasts once the directory is written too.
        File::open(&self.0)?.sync_all()
    }

    /// Notes that the source has confirmed the bundle.
    ///
    /// # Errors
    /// The system refuses.
    pub fn confirm(&self, now: SystemTime) -> io::Result<()> {
        let file = File::options().append(true).open(self.0.join(FILE))?;
        file.set_modified(now)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("redress-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).expect("a folder");
        folder
    }

    fn kept(cache: &BundleCache) -> Option<Vec<u8>> {
        let cached = cache.read().expect("readable");
        cached.map(|cached| cached.bytes)
    }

    #[test]
    fn what_is_kept_comes_back_with_the_time_of_its_confirmation() {
        let folder = folder("cache-kept");
        let cache = BundleCache::new(&folder).expect("a cache");
        assert_eq!(kept(&cache), None);
        cache.write(b"one").expect("written");
        assert_eq!(kept(&cache).as_deref(), Some(&b"one"[..]));
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        cache.confirm(then).expect("noted");
        let cached = cache.read().expect("readable").expect("a bundle");
        assert_eq!((cached.confirmed, &cached.bytes[..]), (then, &b"one"[..]));
        cache.write(b"another").expect("written");
        assert_eq!(kept(&cache).as_deref(), Some(&b"another"[..]));
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn a_write_that_fails_or_was_cut_off_leaves_the_one_before() {
        let folder = folder("cache-cut-off");
        let cache = BundleCache::new(&folder).expect("a cache");
        cache.write(b"one").expect("written");
        // A server that was killed while it wrote.
        fs::write(folder.join(UNFINISHED), "ha").expect("written");
        assert_eq!(kept(&cache).as_deref(), Some(&b"one"[..]));
        cache.write(b"two").expect("written");
        assert_eq!(kept(&cache).as_deref(), Some(&b"two"[..]));
        fs::create_dir(folder.join(UNFINISHED)).expect("a folder");
        assert!(cache.write(b"three").is_err());
        assert_eq!(kept(&cache).as_deref(), Some(&b"two"[..]));
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let folder = folder("cache-refused");
        assert!(BundleCache::new(&folder.join("missing")).is_err());
        fs::write(folder.join("file"), "").expect("written");
        assert!(BundleCache::new(&folder.join("file")).is_err());
        let cache = BundleCache::new(&folder).expect("a cache");
        let file = File::create(folder.join(FILE)).expect("a file");
        file.set_len(MAX_BUNDLE_BYTES + 1).expect("a sparse file");
        let error = cache.read().expect_err("too large");
        assert!(matches!(error, LoadError::TooLarge { .. }), "{error:?}");
        drop(file);
        fs::remove_file(folder.join(FILE)).expect("removed");
        fs::create_dir(folder.join(FILE)).expect("a folder");
        assert!(matches!(cache.read(), Err(LoadError::Io { .. })));
        fs::remove_dir_all(folder).expect("removed");
    }
}
