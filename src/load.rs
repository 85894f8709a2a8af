//! The only reader of the file system.
//!
//! Paths arrive, bytes leave; what they mean is for others to say. Every read
//! has a limit, so that a wrong path cannot fill the memory.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the loader that the lint keeps file reads for"
)]

#[cfg(feature = "server")]
pub mod bundle;
#[cfg(feature = "server")]
pub mod cache;
pub mod records;

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::embedded;
use crate::policy::source::Source;

/// Bytes of one policy file. The longest published terms encode to a tenth of it.
pub const MAX_POLICY_BYTES: u64 = 1024 * 1024;
/// Policy files of one directory, their texts in other languages counted: twice what
/// ten thousand shops with four languages beside their own need.
pub const MAX_POLICY_FILES: usize = 100_000;
/// Bytes of a request file, the same as the server's default for a message.
pub const MAX_REQUEST_BYTES: u64 = 4 * 1024 * 1024;
/// Bytes of a settings file.
pub const MAX_SETTINGS_BYTES: u64 = 1024 * 1024;
/// Bytes of a file of certificates, a key or tokens.
pub const MAX_CREDENTIAL_BYTES: u64 = 1024 * 1024;

/// Begins a text that some editors save as UTF-8; it is not part of it.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Ends the name of a file that holds test cases and no policy.
const CASES_SUFFIX: &str = ".cases.toml";
/// Ends the name of a file that holds a policy's sentences in another language.
const TEXTS_SUFFIX: &str = ".texts.toml";

/// Says why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The system refused.
    #[error("cannot read `{path}`: {error}")]
    Io {
        /// What was read.
        path: PathBuf,
        /// Why it failed.
        #[source]
        error: io::Error,
    },
    /// The file is larger than its limit.
    #[error("`{path}` is larger than {limit} bytes")]
    TooLarge {
        /// What was read.
        path: PathBuf,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The text is not UTF-8.
    #[error("`{path}` is not UTF-8 text")]
    NotText {
        /// What was read.
        path: PathBuf,
    },
    /// The directory holds more policy files than the limit.
    #[error("`{path}` holds more than {limit} policy files")]
    TooManyFiles {
        /// The directory.
        path: PathBuf,
        /// The limit.
        limit: usize,
    },
    /// The directory holds no policy file.
    #[error("`{path}` holds no policy; a policy is a file `POLICY/REVISION.toml`")]
    NoPolicies {
        /// The directory.
        path: PathBuf,
    },
    /// The file is not a revision of a policy.
    #[error("`{path}` is not a policy; a policy is a file `POLICY/REVISION.toml`")]
    NotAPolicy {
        /// The file.
        path: PathBuf,
    },
    /// A policy file stands outside the folder of its policy.
    #[error("`{path}` is outside a policy folder; move it to `POLICY/REVISION.toml`")]
    Misplaced {
        /// The file.
        path: PathBuf,
    },
}

/// Returns the policies that are built in, with their texts, by path.
pub fn embedded() -> Vec<Source> {
    built_in(|name| !name.ends_with(CASES_SUFFIX))
}

/// Returns the files of the contract that is built in: path as imports name it, and text.
pub fn contract() -> &'static [(&'static str, &'static str)] {
    embedded::CONTRACT
}

fn built_in(wanted: impl Fn(&str) -> bool) -> Vec<Source> {
    embedded::POLICIES
        .iter()
        .filter(|(path, _)| wanted(path))
        .map(|(path, text)| Source {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        })
        .collect()
}

/// Names the files of one policy's folder: its revisions and their texts in other
/// languages, by path.
#[derive(Debug)]
pub struct PolicyFiles(Vec<PathBuf>);

impl PolicyFiles {
    /// Reads the files.
    ///
    /// # Errors
    /// The first file that cannot be read.
    pub fn read(&self) -> Result<Vec<Source>, LoadError> {
        self.0.iter().map(|path| source(path)).collect()
    }
}

/// Lists every `POLICY/REVISION.toml` under a directory, with its texts in other
/// languages, folder by folder, by path.
///
/// Hidden entries, case files and files of other kinds are left out, so that a
/// directory may hold its own notes and a mounted one its bookkeeping.
///
/// # Errors
/// A policy file in the wrong place, too many of them, or none at all.
pub fn policy_files(directory: &Path) -> Result<Vec<PolicyFiles>, LoadError> {
    list(directory, MAX_POLICY_FILES)
}

/// Returns a number that is another one when a file that [`policy_files`] lists is added,
/// removed or written to, also where a link leads to another one. Files are not read.
///
/// # Errors
/// As [`policy_files`].
pub fn fingerprint(directory: &Path) -> Result<u64, LoadError> {
    let mut hasher = DefaultHasher::new();
    for PolicyFiles(paths) in policy_files(directory)? {
        for path in paths {
            let metadata = path.metadata().map_err(|error| io_error(&path, error))?;
            let written = metadata
                .modified()
                .map_err(|error| io_error(&path, error))?;
            (&path, metadata.ino(), metadata.len(), written).hash(&mut hasher);
        }
    }
    Ok(hasher.finish())
}

fn list(directory: &Path, limit: usize) -> Result<Vec<PolicyFiles>, LoadError> {
    let mut folders = Vec::new();
    let mut count = 0_usize;
    for entry in entries(directory)? {
        if entry.is_dir() {
            let mut files = entries(&entry)?;
            files.retain(|file| is_source(file));
            count = count.saturating_add(files.len());
            folders.push(PolicyFiles(files));
        } else if is_source(&entry) {
            return Err(LoadError::Misplaced { path: entry });
        }
        if count > limit {
            return Err(LoadError::TooManyFiles {
                path: directory.to_owned(),
                limit,
            });
        }
    }
    if count == 0 {
        return Err(LoadError::NoPolicies {
            path: directory.to_owned(),
        });
    }
    Ok(folders)
}

/// Reads what [`policy_files`] lists, all of it at once.
///
/// # Errors
/// As [`policy_files`], or the first file that cannot be read.
pub fn policies(directory: &Path) -> Result<Vec<Source>, LoadError> {
    let mut sources = Vec::new();
    for folder in policy_files(directory)? {
        sources.append(&mut folder.read()?);
    }
    Ok(sources)
}

/// Holds what one policy's folder holds.
#[derive(Debug, Default)]
pub struct Folder {
    /// Its revisions, by path.
    pub policies: Vec<Source>,
    /// Their sentences in other languages, by path.
    pub texts: Vec<Source>,
    /// The case files beside them, by path.
    pub cases: Vec<Source>,
}

impl Folder {
    fn take(&mut self, source: Source) {
        if source.path.ends_with(CASES_SUFFIX) {
            self.cases.push(source);
        } else if source.path.ends_with(TEXTS_SUFFIX) {
            self.texts.push(source);
        } else {
            self.policies.push(source);
        }
    }
}

/// Returns the folders that are built in, with their cases, by path.
pub fn embedded_folders() -> Vec<Folder> {
    let mut folders: Vec<(String, Folder)> = Vec::new();
    for source in built_in(|_| true) {
        let name = source.path.split('/').next().unwrap_or_default().to_owned();
        if folders.last().is_none_or(|(last, _)| *last != name) {
            folders.push((name, Folder::default()));
        }
        if let Some((_, folder)) = folders.last_mut() {
            folder.take(source);
        }
    }
    folders.into_iter().map(|(_, folder)| folder).collect()
}

/// Lists what [`policy_files`] lists; of a directory in which policies stand, its own
/// files; of a revision, the file with its texts in other languages.
///
/// # Errors
/// As [`policy_files`].
pub fn policy_files_at(path: &Path) -> Result<Vec<PolicyFiles>, LoadError> {
    let path = &named(path)?;
    if path.is_dir() {
        let mut inside = entries(path)?;
        if !inside.iter().any(|file| is_policy(file)) {
            return policy_files(path);
        }
        inside.retain(|file| is_source(file));
        return Ok(vec![PolicyFiles(inside)]);
    }
    if !path.exists() {
        // Its reader says so.
        return Ok(vec![PolicyFiles(vec![path.clone()])]);
    }
    if !is_policy(path) {
        return Err(LoadError::NotAPolicy { path: path.clone() });
    }
    let stem = path.with_extension("").display().to_string();
    let folder = path.parent().map(entries).transpose()?;
    let is_text = |file: &PathBuf| {
        let name = file.display().to_string();
        let rest = name.strip_prefix(&stem);
        is_source(file) && rest.is_some_and(|rest| rest.starts_with('.'))
    };
    let files = folder.into_iter().flatten().filter(is_text).collect();
    Ok(vec![PolicyFiles(files)])
}

/// Returns a path whose folders have names: a policy must stand in its own.
fn named(path: &Path) -> Result<PathBuf, LoadError> {
    let folder = match path.is_dir() {
        true => Some(path),
        false => path.parent(),
    };
    if folder.is_none_or(|folder| folder.file_name().is_some()) || !path.exists() {
        return Ok(path.to_owned());
    }
    std::fs::canonicalize(path).map_err(|error| io_error(path, error))
}

/// Reads every policy folder under a directory with its case files, by path; or
/// the directory itself where policies stand in it.
///
/// # Errors
/// The first file that cannot be read, or no policy file at all.
pub fn folders(directory: &Path) -> Result<Vec<Folder>, LoadError> {
    let directory = &named(directory)?;
    let inside = entries(directory)?;
    let candidates = if inside.iter().any(|path| is_policy(path)) {
        vec![directory.to_owned()]
    } else {
        inside.into_iter().filter(|path| path.is_dir()).collect()
    };
    let mut folders = Vec::new();
    for path in candidates {
        let files = entries(&path)?;
        if !files.iter().any(|file| is_policy(file)) {
            continue;
        }
        let mut folder = Folder::default();
        for file in files.iter().filter(|file| is_toml(file)) {
            folder.take(source(file)?);
        }
        folders.push(folder);
        if folders.len() > MAX_POLICY_FILES {
            return Err(LoadError::TooManyFiles {
                path: directory.to_owned(),
                limit: MAX_POLICY_FILES,
            });
        }
    }
    if folders.is_empty() {
        return Err(LoadError::NoPolicies {
            path: directory.to_owned(),
        });
    }
    Ok(folders)
}

/// Reads a request: a file, or standard input for `-`.
///
/// # Errors
/// It cannot be read, is larger than [`MAX_REQUEST_BYTES`], or is not UTF-8.
pub fn request(path: &Path) -> Result<String, LoadError> {
    if path == Path::new("-") {
        bounded_text(
            Path::new("standard input"),
            io::stdin().lock(),
            MAX_REQUEST_BYTES,
        )
    } else {
        text(path, MAX_REQUEST_BYTES)
    }
}

/// Reads a file of certificates, a key or tokens.
///
/// # Errors
/// It cannot be read, is larger than [`MAX_CREDENTIAL_BYTES`], or is not UTF-8.
pub fn credentials(path: &Path) -> Result<String, LoadError> {
    text(path, MAX_CREDENTIAL_BYTES)
}

/// Reads a settings file.
///
/// # Errors
/// It cannot be read, is larger than [`MAX_SETTINGS_BYTES`], or is not UTF-8.
pub fn settings(path: &Path) -> Result<String, LoadError> {
    text(path, MAX_SETTINGS_BYTES)
}

fn source(path: &Path) -> Result<Source, LoadError> {
    Ok(Source {
        text: text(path, MAX_POLICY_BYTES)?,
        path: path.display().to_string(),
    })
}

fn text(path: &Path, limit: u64) -> Result<String, LoadError> {
    let file = File::open(path).map_err(|error| io_error(path, error))?;
    bounded_text(path, file, limit)
}

fn bounded_text(path: &Path, reader: impl Read, limit: u64) -> Result<String, LoadError> {
    let mut bytes = Vec::new();
    // One byte more than the limit tells a full file from one that is cut off.
    reader
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| io_error(path, error))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(LoadError::TooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    let mut text = String::from_utf8(bytes).map_err(|_| LoadError::NotText {
        path: path.to_owned(),
    })?;
    if text.starts_with(BYTE_ORDER_MARK) {
        text.drain(..BYTE_ORDER_MARK.len_utf8());
    }
    Ok(text)
}

/// Returns the visible entries of a directory, by path.
fn entries(directory: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let mut paths = Vec::new();
    let listing = std::fs::read_dir(directory).map_err(|error| io_error(directory, error))?;
    for entry in listing {
        let path = entry.map_err(|error| io_error(directory, error))?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Whether a file is a revision.
fn is_policy(path: &Path) -> bool {
    is_source(path) && !ends_with(path, TEXTS_SUFFIX)
}

/// Whether a file is a revision, or its sentences in another language.
fn is_source(path: &Path) -> bool {
    is_toml(path) && !ends_with(path, CASES_SUFFIX)
}

fn is_toml(path: &Path) -> bool {
    path.is_file() && ends_with(path, ".toml")
}

fn ends_with(path: &Path, end: &str) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().ends_with(end))
}

fn io_error(path: &Path, error: io::Error) -> LoadError {
    LoadError::Io {
        path: path.to_owned(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_at_the_limit_is_read_and_above_it_is_refused() {
        let path = Path::new("request");
        assert_eq!(bounded_text(path, &b"1234"[..], 4).unwrap(), "1234");
        let error = bounded_text(path, &b"12345"[..], 4).unwrap_err();
        assert_eq!(error.to_string(), "`request` is larger than 4 bytes");
    }

    #[test]
    fn bytes_that_are_not_text_are_refused() {
        // The second is UTF-16 with its mark.
        for bytes in [&[0xff_u8][..], &[0xff, 0xfe, 0x7b, 0x00]] {
            let error = bounded_text(Path::new("request"), bytes, 4).unwrap_err();
            assert_eq!(error.to_string(), "`request` is not UTF-8 text");
        }
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_a_text() {
        let path = Path::new("request");
        for (bytes, text) in [
            ("\u{feff}{}", "{}"),
            ("{}\u{feff}", "{}\u{feff}"),
            ("\u{feff}", ""),
        ] {
            assert_eq!(bounded_text(path, bytes.as_bytes(), 9).unwrap(), text);
        }
    }

    #[test]
    fn policies_come_by_path_without_cases_notes_and_hidden_files() {
        let root = std::env::temp_dir().join(format!("redress-load-{}", std::process::id()));
        for (file, text) in [
            ("b-shop/2024-01-01.toml", "b"),
            ("a-shop/2025-01-01.toml", "a2"),
            ("a-shop/2024-01-01.toml", "a1"),
            ("a-shop/2024-01-01.cases.toml", "cases"),
            ("a-shop/2024-01-01.fr.texts.toml", "a1 fr"),
            ("a-shop/notes.md", "notes"),
            (".git/2024-01-01.toml", "hidden"),
            ("README.md", "readme"),
        ] {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let texts: Vec<_> = policies(&root)
            .unwrap()
            .into_iter()
            .map(|s| s.text)
            .collect();
        assert_eq!(texts, ["a1 fr", "a1", "a2", "b"]);
        assert!(list(&root, 4).is_ok());
        assert!(matches!(
            list(&root, 3),
            Err(LoadError::TooManyFiles { limit: 3, .. })
        ));
        std::fs::write(root.join("stray.toml"), "").unwrap();
        assert!(matches!(policies(&root), Err(LoadError::Misplaced { .. })));
        std::fs::remove_dir_all(root).unwrap();
    }
}
