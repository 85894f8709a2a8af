//! Where a bundle of policies is fetched from: nowhere, without the feature `object-store`.

use std::convert::Infallible;
use std::fmt;

/// Says why there is nothing to fetch.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("this program was built without the feature `object-store`")]
pub struct LocationError;

/// What a source gave.
#[derive(Debug)]
pub enum Fetched {
    /// The version whose `ETag` the request named.
    Unchanged,
    /// A bundle.
    Bundle {
        /// The bundle.
        bytes: Vec<u8>,
        /// What the source calls this version of it, if anything.
        etag: Option<String>,
    },
}

/// Where a bundle is: nowhere.
#[derive(Clone, Debug)]
pub struct Location(Infallible);

impl Location {
    /// Says that there is no source.
    ///
    /// # Errors
    /// Always.
    pub fn new(_: &str, _: &[(String, String)], _: bool) -> Result<Self, LocationError> {
        Err(LocationError)
    }

    /// Cannot be called: there is no such location.
    ///
    /// # Errors
    /// None.
    pub async fn fetch(&self, _: Option<&str>) -> Result<Fetched, LocationError> {
        match self.0 {}
    }
}
