namespace DistTrain.Hosting;

/// <summary>Why no lane came to be. On the wire as its number.</summary>
public enum LaneRefusalReason
{
    /// <summary>What arrived is no handshake, or came too late.</summary>
    Handshake = 0,

    /// <summary>Other version of the lane's own frames.</summary>
    LaneVersion = 1,

    /// <summary>Join token missing or another.</summary>
    Token = 2,

    /// <summary>Certificate missing, expired, of another authority or for another host.</summary>
    Certificate = 3,

    /// <summary>Other version of messages.</summary>
    WireVersion = 4,

    /// <summary>Other numerics contract.</summary>
    NumericsVersion = 5,

    /// <summary>Other job.</summary>
    Job = 6,

    /// <summary>Other data.</summary>
    Data = 7,

    /// <summary>The node's name is taken or no name.</summary>
    Node = 8,

    /// <summary>As many lanes as allowed stand; later there may be room.</summary>
    Crowded = 9,

    /// <summary>The node ends.</summary>
    Closing = 10,

    /// <summary>The listener wants TLS and the dialer speaks none, or the other way round.</summary>
    Encryption = 11,
}
