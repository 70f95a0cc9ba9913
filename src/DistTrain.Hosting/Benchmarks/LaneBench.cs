using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>Lanes against a plain copy over a socket of the same kind, in turn in one process.</summary>
public static class LaneBench
{
    /// <summary>Long against the clock and a thread switch, short against changes of the processor's speed.</summary>
    private const double TurnSeconds = 0.15;

    /// <summary>Whether processes of this system can share memory.</summary>
    public static bool CanShareMemory => SharedRegion.IsSupported;

    /// <param name="transport">Socket files are in a folder of their own; memory is compared with a Unix socket.</param>
    /// <param name="tls">Encrypt the lane, with certificates made for it; the plain copy is never encrypted.</param>
    /// <param name="frameBytes">Bytes of a frame's floats.</param>
    /// <param name="turns">How often each is measured.</param>
    public static LaneMeasurement Run(LaneTransport transport, bool tls, int frameBytes, int turns)
    {
        string folder = Directory.CreateTempSubdirectory("disttrain-lanes-").FullName;
        try
        {
            LaneAddress Address(string name) => transport == LaneTransport.Tcp ? LaneAddress.Tcp("127.0.0.1", 0) : LaneAddress.Unix(Path.Combine(folder, name));
            using LaneTls? encryption = tls ? Certified(folder) : null;
            using var lane = new LaneCopy(Address("lane"), frameBytes, new LaneSecurity { Tls = encryption }, isShared: transport == LaneTransport.Memory);
            using var socket = new SocketCopy(Address("socket"), frameBytes, lane.Sources);
            return Measure(socket, lane, frameBytes, turns);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static LaneMeasurement Measure(SocketCopy socket, LaneCopy lane, int frameBytes, int turns)
    {
        int few = Math.Max(8, (64 << 20) / frameBytes);
        socket.Run(few);
        lane.Run(few);
        int socketFrames = Frames(socket.Run(few), frameBytes), laneFrames = Frames(lane.Run(few), frameBytes);
        List<double> sockets = [], lanes = [];
        for (int i = 0; i < turns; i++)
        {
            sockets.Add(socket.Run(socketFrames));
            lanes.Add(lane.Run(laneFrames));
        }

        double allocated = Allocated(() => lane.Run(laneFrames), turns) / laneFrames;
        double? decoded = frameBytes <= ProtocolLimits.BlockFloatsMax * sizeof(float) ? Allocated(() => lane.Run(laneFrames, decode: true), turns) / laneFrames : null;
        return new LaneMeasurement(frameBytes, lanes, sockets, allocated, decoded, lane.ControlRoundTrips(laneFrames * 10));
    }

    private static LaneTls Certified(string folder)
    {
        const string Host = "localhost";
        var certificates = new CertificateFolder(folder);
        certificates.EnsureAuthority();
        certificates.MakeNode(Host);
        return LaneTls.FromFiles(certificates.AuthorityPath, certificates.CertificatePath(Host), certificates.KeyPath(Host));
    }

    private static int Frames(double bytesPerSecond, int frameBytes) => Math.Max(8, (int)(bytesPerSecond * TurnSeconds / frameBytes));

    /// <summary>Median of some turns: what a frame allocates is in each of them, what happens once a connection or thread (docs/lanes.md) is not.</summary>
    private static double Allocated(Action work, int turns) =>
        Enumerable.Range(0, turns).Select(_ => AllocatedBy(work)).Order().ElementAt(turns / 2);

    private static double AllocatedBy(Action work)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        work();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
