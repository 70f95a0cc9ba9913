namespace DistTrain.Hosting;

/// <summary>First byte of a frame. Far from what other protocols begin with, so that a stray client is recognised at once.</summary>
internal enum FrameKind : byte
{
    Greeting = 0xd1,
    Introduction = 0xd2,
    Ready = 0xd3,
    Refusal = 0xd4,

    /// <summary>A message between machines; with floats, this is the first piece of them.</summary>
    Message = 0xd5,

    /// <summary>The next piece of the floats of the message before.</summary>
    Piece = 0xd6,

    /// <summary>Bytes of the host's own.</summary>
    Bytes = 0xd7,

    Ping = 0xd8,
    Pong = 0xd9,

    /// <summary>The last frame: why the lane ends.</summary>
    Close = 0xda,

    /// <summary>A ring in shared memory that the sender has (<see cref="SharedLane"/>).</summary>
    Offer = 0xdb,

    /// <summary>The offered ring is mapped.</summary>
    Accept = 0xdc,

    /// <summary>A message whose floats lie in shared memory: where, then the message's head.</summary>
    Shared = 0xdd,

    /// <summary>Frames lie in shared memory, and nobody has looked (<see cref="FrameRing"/>).</summary>
    Bell = 0xde,
}
