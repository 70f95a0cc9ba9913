using System.Buffers;
using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

/// <summary>
/// Strangers at a listening port, all from one seed: random bytes, frames of every kind with fields drawn at random, honest frames
/// with bytes flipped, cut or repeated, before and after the handshake; connections left half open, floods of connections, handshakes
/// byte by byte, and floods of small frames.
/// </summary>
/// <param name="address">The port.</param>
/// <param name="security">Whoever comes as far as the handshake has it.</param>
/// <param name="identityOf">What a stranger says of himself, by his name.</param>
/// <param name="seed">Of all that is drawn.</param>
internal sealed partial class LaneFuzzer(LaneAddress address, LaneSecurity security, Func<string, LaneIdentity> identityOf, int seed)
{
    /// <summary>Connections of one flood: more than a node shakes hands with at once.</summary>
    private const int FloodConnections = 48;

    /// <summary>A connection ends with its first bad frame, so many carry honest ones before.</summary>
    private const int SendsPerConnectionMax = 200;

    /// <summary>After a bad frame the node gets so long to end the connection, so that little is sent to nobody.</summary>
    private const int FindOutMilliseconds = 5;

    private readonly Random random = new(seed);
    private readonly Queue<RawClient> halfOpen = new();
    private readonly FrameBuffer buffer = new();
    private readonly Dictionary<string, long> kinds = [];

    /// <summary>Frames sent, whole or in part.</summary>
    public long Frames { get; private set; }

    public long Connections { get; private set; }

    /// <summary>Connections of each kind: half open, plaintext where TLS is wanted, floods, byte by byte, without and with a handshake.</summary>
    public IReadOnlyDictionary<string, long> Kinds => kinds;

    public void Run(long frames)
    {
        while (Frames < frames)
        {
            try
            {
                Connect();
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or LaneRefusedException or InvalidDataException)
            {
                // Refused, or pushed out by the other strangers.
            }
        }

        while (halfOpen.TryDequeue(out RawClient? left))
        {
            left.Dispose();
        }
    }

    private void Connect()
    {
        Connections++;
        int manner = random.Next(10), rare = random.Next(20);
        if (manner == 0 && rare == 0)
        {
            Count("flood");
            Flood();
            return;
        }

        if (manner == 0 && rare == 1)
        {
            Count("byte by byte");
            Drip();
            return;
        }

        if (manner == 0)
        {
            Count("half open");

            // Opened and left; with TLS, without saying a word of it.
            var idle = new RawClient(address);
            idle.Send(Bytes(random.Next(20)));
            Frames++;
            halfOpen.Enqueue(idle);
            if (halfOpen.Count > 8)
            {
                halfOpen.Dequeue().Dispose();
            }

            return;
        }

        if (manner == 1 && security.Tls is not null)
        {
            Count("plaintext");
            using var plain = new RawClient(address);
            Send(plain, random.Next(1, 4));
            return;
        }

        bool shaken = manner >= 4;
        Count(shaken ? "let in" : "strange");
        using RawClient client = shaken ? RawClient.Shaken(address, identityOf($"stranger {random.Next(40)}"), security) : new RawClient(address, security.Tls);
        Send(client, random.Next(1, shaken ? SendsPerConnectionMax : 4));
    }

    private void Count(string kind) => kinds[kind] = kinds.GetValueOrDefault(kind) + 1;

    /// <summary>Many at once, each with the beginning of a greeting; the oldest are pushed out by the newest.</summary>
    private void Flood()
    {
        var flood = new List<RawClient>();
        try
        {
            for (int i = 0; i < FloodConnections; i++)
            {
                flood.Add(new RawClient(address));
                flood[^1].Send([(byte)FrameKind.Greeting, 0, 0]);
                Frames++;
            }
        }
        finally
        {
            flood.ForEach(client => client.Dispose());
        }
    }

    /// <summary>A greeting that never ends, or ends in the middle.</summary>
    private void Drip()
    {
        using var client = new RawClient(address);
        byte[] greeting = [(byte)FrameKind.Greeting, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. Bytes(random.Next(100))];
        foreach (byte each in greeting)
        {
            if (!client.Send([each]) || client.HasEnded(1))
            {
                break;
            }
        }

        Frames++;
    }

    private void Send(RawClient client, int sends)
    {
        BeginRing();
        for (int i = 0; i < sends; i++)
        {
            buffer.Clear();
            int together = random.Next(4) == 0 ? random.Next(2, 50) : 1;
            bool bad = false;
            for (int j = 0; j < together; j++)
            {
                bad |= Add(honest: together > 1);
            }

            Frames += together;
            if (!client.Send(buffer.Written) || client.HasEnded(bad ? FindOutMilliseconds : 0))
            {
                return;
            }
        }
    }

    /// <summary>Adds a frame; returns whether it may be found out.</summary>
    private bool Add(bool honest)
    {
        switch (honest ? 4 : random.Next(20))
        {
            case 0:
                buffer.Write(Bytes(random.Next(1, 64)));
                return true;
            case 1:
                AddRandomFrame();
                return true;
            case 2 or 3:
                AddMutated();
                return true;
            default:
                buffer.Write(Honest());
                return false;
        }
    }

    private void AddRandomFrame()
    {
        int head = random.Next(3) == 0 ? random.Next() : random.Next(100);
        int run = random.Next(3) == 0 ? random.Next() : random.Next(4) * 4;
        Span<byte> prefix = stackalloc byte[FramePrefix.Bytes];
        new FramePrefix((FrameKind)random.Next(0xd0, 0xe0), random.Next(65536), head, random.Next(3) == 0 ? random.Next() : run, run).Write(prefix);
        buffer.Write(prefix);
        buffer.Write(Bytes(Math.Min(head, 300)));
        buffer.Write(Bytes(Math.Min(run, 300)));
    }

    private void AddMutated()
    {
        byte[] bytes = [.. Honest()];
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            bytes[random.Next(random.Next(2) == 0 ? Math.Min(bytes.Length, 60) : bytes.Length)] = (byte)random.Next(256);
        }

        buffer.Write(random.Next(4) == 0 ? bytes.AsSpan(0, random.Next(bytes.Length)) : bytes);
    }

    private byte[] Honest()
    {
        var frame = new FrameBuffer();
        var epoch = new RunEpoch(random.Next(5));
        switch (random.Next(ring is null ? 5 : 11))
        {
            case 5:
                byte[] offer = new byte[SharedHandle.Bytes];
                ring!.Handle.Write(offer);
                frame.Add(FrameKind.Offer, offer);
                break;
            case 6:
                frame.Add(FrameKind.Accept, random.Next(2) == 0 ? BitConverter.GetBytes(Environment.ProcessId) : Bytes(sizeof(int)));
                break;
            case 9 or 10:
                PutInRing(epoch);
                frame.Add(FrameKind.Bell, []);
                break;
            case 7 or 8:
                AddShared(frame, epoch);
                break;
            case 0:
                frame.Add(FrameKind.Bytes, Bytes(random.Next(200)), random.Next(4));
                break;
            case 1:
                frame.Add(FrameKind.Ping, Bytes(8));
                break;
            case 2:
                int start = frame.Begin();
                MessageCodec.EncodeEnvelope(MachineId.Worker(1), MachineId.Server(2), new GradientAccepted(epoch, new StepNumber(4), new BlockId(5), new SliceRange(0, 2), new WeightVersion(9)), frame);
                frame.End(start, FrameKind.Message);
                break;
            default:
                int floats = random.Next(1, 600), begin = frame.Begin();
                BlockBuffer weights = new BlockPool().Rent(floats);
                MessageCodec.EncodeEnvelope(MachineId.Server(1), MachineId.Worker(2), new BlockPublished(epoch, new BlockId(3), new WeightVersion(9), weights), frame);
                int piece = random.Next(2) == 0 ? floats * 4 : random.Next(1, floats * 4);
                frame.End(begin, FrameKind.Message, 0, piece, floats * 4);
                frame.Write(Bytes(piece));
                if (piece < floats * 4)
                {
                    frame.Add(FrameKind.Piece, [], 0, (floats * 4) - piece, floats * 4);
                    frame.Write(Bytes((floats * 4) - piece));
                }

                break;
        }

        return frame.Written.ToArray();
    }

    private byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
