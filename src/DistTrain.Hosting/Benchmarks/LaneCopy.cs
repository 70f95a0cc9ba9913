using System.Diagnostics;
using System.Runtime.InteropServices;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>Two nodes of this process with a lane between them, which carries published blocks of one size.</summary>
internal sealed class LaneCopy : IDisposable
{
    /// <summary>As a worker's or server's outstanding data would be: the sender never waits for single frames, nor without bound.</summary>
    private const int WindowBytes = 2 << 20;

    private static readonly MachineId Server = MachineId.Server(0);
    private static readonly MachineId Worker = MachineId.Worker(0);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly BlockPool pool = new();
    private readonly BlockPublished[] messages;
    private readonly Receiver receiver;
    private readonly Sender sender;
    private readonly LaneNode receiving;
    private readonly LaneNode sending;
    private readonly LanePeer peer;
    private readonly int window;

    /// <param name="address">Where the receiver listens.</param>
    /// <param name="frameBytes">Bytes of a message's floats.</param>
    /// <param name="security">Of both.</param>
    /// <param name="isShared">The sender's blocks lie in memory that the receiver maps, and copies from.</param>
    public LaneCopy(LaneAddress address, int frameBytes, LaneSecurity security, bool isShared = false)
    {
        SharedArena? arena = isShared ? new SharedArena() : null;
        var options = new LaneOptions { RunBytesMax = Math.Max(new LaneOptions().RunBytesMax, frameBytes) };
        window = Math.Max(3, WindowBytes / frameBytes);
        receiver = new Receiver(window, isShared ? pool : null);
        sender = new Sender();
        var run = RunIdentity.Of("bench", "bench");
        receiving = new LaneNode(LaneIdentity.Of("receiver", run, [Worker]), security, options, pool, receiver);
        sending = new LaneNode(LaneIdentity.Of("sender", run, [Server]), security, options, pool, sender, arena);
        messages = [.. Enumerable.Range(0, window + 2).Select(i => new BlockPublished(
            new RunEpoch(1), new BlockId(0), new WeightVersion(i),
            arena is null ? pool.Rent(frameBytes / sizeof(float)) : new BlockBuffer(arena.Allocate(frameBytes / sizeof(float)), static _ => { })))];
        foreach (BlockPublished message in messages)
        {
            new Random(1).NextBytes(MemoryMarshal.AsBytes(message.Weights.Span));
        }

        peer = sending.Dial(receiving.Listen(address).Address);
        if (!sender.Connected.Wait(Patience))
        {
            throw new InvalidOperationException($"No lane within {Patience.TotalSeconds} s: {sender.Failure}");
        }
    }

    /// <summary>Different buffers that are sent in turn.</summary>
    public int Sources => messages.Length;

    /// <summary>Sends and receives so many frames; returns bytes/s.</summary>
    /// <param name="frames">How many.</param>
    /// <param name="decode">Decode every message, as a host does.</param>
    public double Run(int frames, bool decode = false)
    {
        receiver.Begin(frames, decode);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < frames; i++)
        {
            receiver.WaitForRoom(i);
            BlockPublished message = messages[i % messages.Length];
            message.Weights.Retain();
            peer.Send(Server, Worker, message);
        }

        Wait(receiver.Finished);
        return (double)frames * messages[0].Weights.Length * sizeof(float) / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Round trips of small messages while frames of the other kind saturate the lane.</summary>
    public List<double> ControlRoundTrips(int frames)
    {
        var trips = new List<double>();
        using var over = new CancellationTokenSource();
        var prober = new Thread(() =>
        {
            var probe = new GradientAccepted(new RunEpoch(1), new StepNumber(1), new BlockId(1), new SliceRange(0, 1), new WeightVersion(1));
            while (!over.IsCancellationRequested)
            {
                long start = Stopwatch.GetTimestamp();
                peer.Send(Server, Worker, probe);
                if (!sender.Answered.Wait(Patience))
                {
                    throw new InvalidOperationException("A control message was not answered.");
                }

                trips.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        });
        prober.Start();
        Run(frames);
        over.Cancel();
        prober.Join();
        trips.Sort();
        return trips;
    }

    public void Dispose()
    {
        sending.Dispose();
        receiving.Dispose();
    }

    private static void Wait(SemaphoreSlim signal)
    {
        if (!signal.Wait(Patience))
        {
            throw new InvalidOperationException($"The lane carried nothing for {Patience.TotalSeconds} s.");
        }
    }

    private abstract class Handler : ILaneHandler
    {
        public string? Failure { get; private set; }

        public virtual void OnConnected(LanePeer peer)
        {
        }

        public void OnBroken(LanePeer peer, string reason) => Failure = reason;

        public void OnUnreachable(LanePeer peer, string reason) => Failure = reason;

        public void OnRefused(string remote, LaneRefusal refusal) => Failure = refusal.Text;

        public virtual BlockBuffer? Rent(ReadOnlySpan<byte> head, int floats) => null;

        public abstract void OnMessage(LanePeer peer, in LaneFrame frame);

        public void OnBytes(LanePeer peer, int channel, ReadOnlySpan<byte> bytes)
        {
        }
    }

    private sealed class Sender : Handler
    {
        public ManualResetEventSlim Connected { get; } = new();

        public SemaphoreSlim Answered { get; } = new(0);

        public override void OnConnected(LanePeer peer) => Connected.Set();

        public override void OnMessage(LanePeer peer, in LaneFrame frame) => Answered.Release();
    }

    private sealed class Receiver(int window, BlockPool? pool) : Handler
    {
        private readonly GradientAccepted answer = new(new RunEpoch(1), new StepNumber(1), new BlockId(1), new SliceRange(0, 1), new WeightVersion(1));
        private int expected;
        private int received;
        private int waitedFor;
        private bool decoding;

        public SemaphoreSlim Finished { get; } = new(0);

        private SemaphoreSlim Room { get; } = new(0);

        public void Begin(int frames, bool decode)
        {
            (expected, decoding) = (frames, decode);
            Volatile.Write(ref received, 0);
        }

        /// <summary>Waits until frame i may be sent; when it has to, until half of the window is free, so that threads switch rarely.</summary>
        public void WaitForRoom(int frame)
        {
            if (frame - Volatile.Read(ref received) < window)
            {
                return;
            }

            Volatile.Write(ref waitedFor, frame - (window / 2));
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref received) < frame - (window / 2) || Interlocked.Exchange(ref waitedFor, 0) == 0)
            {
                Wait(Room);
            }
        }

        public override BlockBuffer? Rent(ReadOnlySpan<byte> head, int floats) => pool?.Rent(floats);

        public override void OnMessage(LanePeer peer, in LaneFrame frame)
        {
            if (frame.Run is null)
            {
                peer.Send(frame.To, frame.From, answer);
                return;
            }

            if (decoding)
            {
                frame.Decode();
            }

            frame.Run.Release();
            int count = Interlocked.Increment(ref received);
            int wanted = Volatile.Read(ref waitedFor);
            if (wanted != 0 && count >= wanted && Interlocked.Exchange(ref waitedFor, 0) != 0)
            {
                Room.Release();
            }

            if (count == expected)
            {
                Finished.Release();
            }
        }
    }
}
