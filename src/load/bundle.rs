//! Bundles: a set of policies as one file, to be sent over a network.
//!
//! A bundle is a tar archive of what a directory of policies holds, `POLICY/REVISION.toml`
//! and texts in other languages. Equal policies are equal bytes, whoever packs them.
//!
//! It is not compressed, and nothing of it is written to the file system: what it takes in
//! memory is its own size and that of its texts, which is no larger.

use std::io;
use std::path::{Component, Path, PathBuf};

use tar::{Archive, Builder, Entry, EntryType, Header};

use super::{CASES_SUFFIX, LoadError, MAX_POLICY_BYTES, MAX_POLICY_FILES, bounded_text, io_error};
use crate::policy::source::Source;

/// Bytes of a bundle: ten thousand shops of the largest size that there is take half.
pub const MAX_BUNDLE_BYTES: u64 = 256 * 1024 * 1024;
/// Bytes of a block of an archive.
const BLOCK_BYTES: usize = 512;
/// What ends an archive: two blocks of nothing.
const END: [u8; 2 * BLOCK_BYTES] = [0; 2 * BLOCK_BYTES];
/// Mode of an unpacked file.
const MODE: u32 = 0o644;

/// Packs policies and their texts. Of their paths the last two parts count.
///
/// # Errors
/// A path is longer than an archive can hold.
pub fn pack(sources: &[Source]) -> io::Result<Vec<u8>> {
    let mut named: Vec<(PathBuf, &str)> = Vec::new();
    for source in sources {
        let path = Path::new(&source.path);
        let folder = path.parent().and_then(Path::file_name);
        let name: PathBuf = folder.into_iter().chain(path.file_name()).collect();
        named.push((name, &source.text));
    }
    named.sort();
    let mut archive = Builder::new(Vec::new());
    for (name, text) in named {
        append(&mut archive, &name, text.as_bytes())?;
    }
    archive.into_inner()
}

/// Adds a file; nothing of it depends on who packs, or when.
fn append(archive: &mut Builder<Vec<u8>>, name: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(MODE);
    header.set_size(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    archive.append_data(&mut header, name, bytes)
}

/// Returns a file as it stands in an archive, to be put before others.
///
/// # Errors
/// The path is longer than an archive can hold.
pub fn entry(name: &Path, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut archive = Builder::new(Vec::new());
    append(&mut archive, name, bytes)?;
    // Without its end.
    Ok(archive.get_ref().clone())
}

/// Unpacks policies and their texts, by path. What a directory of policies may hold beside
/// them is left out, as there. `name` is what errors call the bundle.
///
/// # Errors
/// It is no archive or cut off, a policy file is in the wrong place or too large, or there
/// are too many or none.
pub fn unpack(name: &Path, bundle: &[u8]) -> Result<Vec<Source>, LoadError> {
    let wrong = |error| io_error(name, error);
    if !bundle.ends_with(&END) || !bundle.len().is_multiple_of(BLOCK_BYTES) {
        let error = io::Error::new(io::ErrorKind::UnexpectedEof, "not a bundle, or cut off");
        return Err(wrong(error));
    }
    let mut sources = Vec::new();
    for entry in Archive::new(bundle).entries().map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        if entry.header().entry_type() == EntryType::Directory {
            continue;
        }
        let path = entry.path().map_err(wrong)?.into_owned();
        if let Some(path) = source_path(&path)? {
            sources.push(source(path, entry)?);
        }
        if sources.len() > MAX_POLICY_FILES {
            return Err(LoadError::TooManyFiles {
                path: name.to_owned(),
                limit: MAX_POLICY_FILES,
            });
        }
    }
    if sources.is_empty() {
        return Err(LoadError::NoPolicies {
            path: name.to_owned(),
        });
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    let twice = sources.array_windows().find(|[a, b]| a.path == b.path);
    match twice {
        Some([source, _]) => Err(invalid(Path::new(&source.path), "it is there twice")),
        None => Ok(sources),
    }
}

/// Returns the path of a policy or its texts, `POLICY/FILE`; `None`: it is something else.
fn source_path(path: &Path) -> Result<Option<String>, LoadError> {
    let mut names = Vec::new();
    for part in path.components() {
        match (part, part.as_os_str().to_str()) {
            (Component::CurDir, _) => {}
            (Component::Normal(_), Some(name)) => names.push(name),
            (Component::Normal(_), None) => return Ok(None),
            _ => return Err(invalid(path, "its path leads out of the bundle")),
        }
    }
    let is_source = |name: &str| name.ends_with(".toml") && !name.ends_with(CASES_SUFFIX);
    if names.iter().any(|name| name.starts_with('.')) {
        return Ok(None);
    }
    match names.as_slice() {
        [file] if is_source(file) => Err(LoadError::Misplaced {
            path: path.to_owned(),
        }),
        [_, file] if is_source(file) => Ok(Some(names.join("/"))),
        _ => Ok(None),
    }
}

fn invalid(path: &Path, why: &'static str) -> LoadError {
    io_error(path, io::Error::new(io::ErrorKind::InvalidData, why))
}

fn source(path: String, entry: Entry<'_, &[u8]>) -> Result<Source, LoadError> {
    if entry.header().entry_type() != EntryType::Regular {
        return Err(invalid(Path::new(&path), "not a file"));
    }
    let text = bounded_text(Path::new(&path), entry, MAX_POLICY_BYTES)?;
    Ok(Source { path, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = Builder::new(Vec::new());
        for (name, text) in entries {
            append(&mut archive, Path::new(name), text.as_bytes()).expect("a short path");
        }
        archive.into_inner().expect("an archive")
    }

    fn names(bundle: &[u8]) -> Result<Vec<String>, LoadError> {
        let sources = unpack(Path::new("bundle"), bundle)?;
        Ok(sources.into_iter().map(|source| source.path).collect())
    }

    #[test]
    fn equal_policies_are_equal_bytes_and_come_back() {
        let here = [
            of("/a/shop-b/always.toml", "b"),
            of("/a/shop-a/always.toml", "a"),
        ];
        let there = [
            of("shop-a/always.toml", "a"),
            of("c/d/shop-b/always.toml", "b"),
        ];
        let bundle = pack(&here).expect("a bundle");
        assert_eq!(bundle, pack(&there).expect("a bundle"));
        let back = unpack(Path::new("bundle"), &bundle).expect("policies");
        let back: Vec<_> = back
            .iter()
            .map(|s| (s.path.as_str(), s.text.as_str()))
            .collect();
        let wanted = [("shop-a/always.toml", "a"), ("shop-b/always.toml", "b")];
        assert_eq!(back, wanted);
    }

    #[test]
    fn what_is_no_policy_is_left_out_as_in_a_directory() {
        let bundle = archive(&[
            ("./shop/always.toml", "a"),
            ("shop/always.fr.texts.toml", "b"),
            ("shop/always.cases.toml", "c"),
            ("shop/.always.toml", "d"),
            (".hidden/always.toml", "e"),
            ("shop/deep/always.toml", "f"),
            ("README.md", "g"),
        ]);
        let wanted = ["shop/always.fr.texts.toml", "shop/always.toml"];
        assert_eq!(names(&bundle).expect("policies"), wanted);
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let whole = archive(&[("shop/always.toml", "a"), ("shop/2026-01-01.toml", "b")]);
        // At a block's end an archive that is cut off reads like a shorter one.
        for cut in [0, 1, 512, 1024, whole.len() - 1024, whole.len() - 1] {
            assert!(names(whole.get(..cut).expect("bytes")).is_err(), "{cut}");
        }
        let mut broken = whole.clone();
        broken[0] ^= 1;
        assert!(matches!(names(&broken), Err(LoadError::Io { .. })));
        let misplaced = archive(&[("always.toml", "a")]);
        assert!(matches!(
            names(&misplaced),
            Err(LoadError::Misplaced { .. })
        ));
        let empty = archive(&[("README.md", "a")]);
        assert!(matches!(names(&empty), Err(LoadError::NoPolicies { .. })));
        let large = "x".repeat(usize::try_from(MAX_POLICY_BYTES).expect("a size") + 1);
        let large = archive(&[("shop/always.toml", &large)]);
        assert!(matches!(names(&large), Err(LoadError::TooLarge { .. })));
        let mut linked = Builder::new(Vec::new());
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Symlink);
        header.set_size(0);
        linked
            .append_link(&mut header, "shop/always.toml", "/etc/passwd")
            .expect("a link");
        let linked = linked.into_inner().expect("an archive");
        assert!(matches!(names(&linked), Err(LoadError::Io { .. })));
        for twice in ["shop/always.toml", "./shop/always.toml"] {
            let bundle = archive(&[("shop/always.toml", "a"), (twice, "b")]);
            assert!(matches!(names(&bundle), Err(LoadError::Io { .. })));
        }
    }

    /// Writes a file whose head is changed by hand: the crate refuses to write such heads.
    fn forged(change: impl FnOnce(&mut Header)) -> Vec<u8> {
        let mut archive = Builder::new(Vec::new());
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(1);
        header.set_path("shop/always.toml").expect("a short path");
        change(&mut header);
        header.set_cksum();
        archive.append(&header, &b"a"[..]).expect("an entry");
        archive.into_inner().expect("an archive")
    }

    #[test]
    fn a_path_that_leads_out_of_the_bundle_is_refused() {
        let of = |path: &str| {
            forged(|header| {
                let name = &mut header.as_old_mut().name;
                name.fill(0);
                name[..path.len()].copy_from_slice(path.as_bytes());
            })
        };
        assert_eq!(names(&of("a/b.toml")).expect("a policy"), ["a/b.toml"]);
        for path in [
            "../always.toml",
            "../shop/always.toml",
            "shop/../other/always.toml",
            "/etc/always.toml",
            "/shop/always.toml",
            "..",
        ] {
            let error = names(&of(path)).expect_err(path);
            assert!(error.to_string().contains("out of the bundle"), "{error}");
        }
    }

    #[test]
    fn an_archive_does_not_take_more_memory_than_its_bytes() {
        // A file with holes, which would be filled with zeros.
        let sparse = forged(|header| {
            header.set_entry_type(EntryType::GNUSparse);
            let gnu = header.as_gnu_mut().expect("a head of GNU");
            gnu.realsize.copy_from_slice(b"77777777777\0");
            gnu.sparse[0].offset.copy_from_slice(b"77777777776\0");
            gnu.sparse[0].numbytes.copy_from_slice(b"00000000001\0");
        });
        assert!(matches!(names(&sparse), Err(LoadError::Io { .. })));
        // A file, a long name and an extended head that claim more than there is.
        for kind in [
            EntryType::Regular,
            EntryType::GNULongName,
            EntryType::XHeader,
        ] {
            let claimed = forged(|header| {
                header.set_entry_type(kind);
                header.set_size(u64::from(u32::MAX));
            });
            assert!(names(&claimed).is_err(), "{kind:?}");
        }
        let limit = MAX_POLICY_FILES;
        let mut many = Vec::with_capacity((limit + 2) * 2 * BLOCK_BYTES);
        for number in 0..=limit {
            let name = PathBuf::from(format!("shop/{number}.toml"));
            let file = entry(&name, b"").expect("a short path");
            many.extend_from_slice(&file);
        }
        many.extend_from_slice(&END);
        assert!(matches!(
            names(&many),
            Err(LoadError::TooManyFiles { limit: found, .. }) if found == limit
        ));
    }
}
