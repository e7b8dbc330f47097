/**
 * `dataConverter` of a client that has no payload codec and reads what others wrote: what only a codec could read is nothing
 * to it, so that one encrypted memo does not keep it from a whole list.
 */
export const withoutCodec = { payloadConverterPath: require.resolve('./payload-converter') };
