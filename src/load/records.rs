//! Records of decisions: a file of lines, read one at a time, since it may be large.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::{LoadError, io_error};

/// Bytes of one record: the largest message, as JSON, and its verdict.
pub const MAX_RECORD_BYTES: u64 = 32 * 1024 * 1024;

/// Reads the lines of a file, or of standard input for `-`. An error ends them.
///
/// # Errors
/// The file cannot be opened.
pub fn records(
    path: &Path,
) -> Result<impl Iterator<Item = Result<String, LoadError>> + use<>, LoadError> {
    let (path, input): (PathBuf, Box<dyn BufRead>) = if path == Path::new("-") {
        ("standard input".into(), Box::new(io::stdin().lock()))
    } else {
        let file = File::open(path).map_err(|error| io_error(path, error))?;
        (path.to_owned(), Box::new(BufReader::new(file)))
    };
    Ok(lines(path, input))
}

fn lines(
    path: PathBuf,
    mut input: impl BufRead,
) -> impl Iterator<Item = Result<String, LoadError>> {
    let mut ended = false;
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let line = line(&path, &mut input).transpose();
        ended = !matches!(line, Some(Ok(_)));
        line
    })
}

fn line(path: &Path, input: &mut impl BufRead) -> Result<Option<String>, LoadError> {
    let mut bytes = Vec::new();
    input
        .take(MAX_RECORD_BYTES.saturating_add(1))
        .read_until(b'\n', &mut bytes)
        .map_err(|error| io_error(path, error))?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_RECORD_BYTES {
        return Err(LoadError::TooLarge {
            path: path.to_owned(),
            limit: MAX_RECORD_BYTES,
        });
    }
    let text = String::from_utf8(bytes).map_err(|_| LoadError::NotText {
        path: path.to_owned(),
    })?;
    Ok(Some(text))
}

/// Whether a file is empty, is not there, or ends with a line break: what is added to it
/// begins a line.
///
/// # Errors
/// It cannot be read.
pub fn ends_a_line(path: &Path) -> io::Result<bool> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
