//! The codec of the calls that decide: a message is decoded once it is known that this does
//! not take more memory than a message may.

use std::marker::PhantomData;

use prost::Message;
use prost::bytes::Buf;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic_prost::{ProstCodec, ProstDecoder, ProstEncoder};

use super::status::CallError;
use crate::wire::decoded_size::{self, Request};

/// Encodes replies, and decodes requests within the limit of their entries.
#[derive(Debug)]
pub(super) struct BoundedCodec<Out, In>(PhantomData<(Out, In)>);

impl<Out, In> Default for BoundedCodec<Out, In> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<Out, In> Codec for BoundedCodec<Out, In>
where
    Out: Message + 'static,
    In: Request + Message + Default + 'static,
{
    type Encode = Out;
    type Decode = In;
    type Encoder = ProstEncoder<Out>;
    type Decoder = BoundedDecoder<In>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<Out, In>::default().encoder()
    }

    fn decoder(&mut self) -> Self::Decoder {
        BoundedDecoder(ProstCodec::<Out, In>::default().decoder())
    }
}

/// Decodes requests within the limit of their entries.
#[derive(Debug)]
pub(super) struct BoundedDecoder<In>(ProstDecoder<In>);

impl<In: Request + Message + Default> Decoder for BoundedDecoder<In> {
    type Item = In;
    type Error = Status;

    fn decode(&mut self, message: &mut DecodeBuf<'_>) -> Result<Option<In>, Status> {
        // INVARIANT: the transport hands over a message as one piece.
        if message.chunk().len() != message.remaining() {
            return Err(CallError::Internal.into());
        }
        decoded_size::check::<In>(message.chunk())?;
        self.0.decode(message)
    }
}
