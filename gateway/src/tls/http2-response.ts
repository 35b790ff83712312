import { Http2ServerResponse, constants } from 'node:http2'

/**
 * An answer on an HTTP/2 stream. Node ends the writable side of a stream that is reset, and then calls the answer finished;
 * who waits for that (to stop an upstream's work, to log it) would take one that was cut off for one that was taken.
 */
export class StreamAnswer extends Http2ServerResponse {}

// The types say property, Node an accessor; a class can't override the one with the other.
Object.defineProperty(StreamAnswer.prototype, 'writableFinished', {
  get (this: StreamAnswer): boolean {
    const { stream } = this
    return this.writableEnded && stream.writableFinished && stream.rstCode === constants.NGHTTP2_NO_ERROR
  }
})
