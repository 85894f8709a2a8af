//! Messages to and from JSON, without keeping other calls waiting.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tonic::Status;
use tonic::codegen::Bytes;

use crate::rpc::status::CallError;
use crate::server::config::REPLY_BYTES;
use crate::wire::json::{Codec, JsonError, MAX_PARSED_BYTES};

/// Bytes of a message that is converted where it is, in a millisecond or two; a larger one
/// goes to a thread of its own, so that no other call waits for it.
const AT_ONCE_BYTES: usize = 64 * 1024;
/// Large messages that are converted at once; others wait, since each takes many times its
/// bytes while it is.
const LARGE_AT_ONCE: usize = 2;

/// What all conversions share.
#[derive(Debug)]
pub(super) struct Conversions(Arc<Semaphore>);

impl Default for Conversions {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LARGE_AT_ONCE)))
    }
}

impl Conversions {
    /// Returns the conversion of one kind of message.
    pub(super) fn of(&self, codec: &Codec) -> Conversion {
        Conversion {
            codec: codec.clone(),
            large: Arc::clone(&self.0),
        }
    }
}

/// The conversion of one kind of message.
#[derive(Clone, Debug)]
pub(super) struct Conversion {
    codec: Codec,
    large: Arc<Semaphore>,
}

impl Conversion {
    /// Encodes a message that came as JSON.
    pub(super) async fn encode(&self, json: Bytes) -> Result<Vec<u8>, Status> {
        let encoded = self.convert(json, Codec::encode).await?;
        encoded.map_err(|error| {
            if error.is_too_large {
                let limit = MAX_PARSED_BYTES;
                return CallError::TooManyEntries { limit }.into();
            }
            let cause = match (error.line, error.column) {
                (0, _) => error.what,
                (line, column) => format!("{}, line {line}, column {column}", error.what),
            };
            CallError::Malformed { cause }.into()
        })
    }

    /// Writes a message of ours as JSON.
    pub(super) async fn write(&self, encoded: Bytes) -> Result<Bytes, Status> {
        let json = self.convert(encoded, Codec::to_json).await?;
        match json {
            Ok(json) if json.len() <= REPLY_BYTES => Ok(json.into()),
            Ok(_) => Err(CallError::MessageTooLarge { limit: REPLY_BYTES }.into()),
            Err(error) => {
                tracing::error!(%error, "fault");
                Err(CallError::Internal.into())
            }
        }
    }

    async fn convert(
        &self,
        message: Bytes,
        work: fn(&Codec, &[u8]) -> Result<Vec<u8>, JsonError>,
    ) -> Result<Result<Vec<u8>, JsonError>, Status> {
        if message.len() <= AT_ONCE_BYTES {
            return Ok(work(&self.codec, &message));
        }
        let fault = || Status::from(CallError::Internal);
        let (codec, large) = (self.codec.clone(), Arc::clone(&self.large));
        // It is never closed.
        let turn = large.acquire_owned().await.map_err(|_| fault())?;
        let apart = tokio::task::spawn_blocking(move || {
            let converted = work(&codec, &message);
            drop(turn);
            converted
        });
        apart.await.map_err(|_| fault())
    }
}
