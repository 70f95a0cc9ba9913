namespace DistTrain.Hosting;

/// <summary>How a lane's floats get to the other node.</summary>
public enum LaneTransport
{
    /// <summary>Over TCP, on loopback.</summary>
    Tcp,

    /// <summary>Over a Unix socket.</summary>
    Unix,

    /// <summary>In memory that both map; the receiver copies them, as it does with published weights.</summary>
    Memory,
}
