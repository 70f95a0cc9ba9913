using System.Net.Sockets;
using System.Runtime.InteropServices;
using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

public class LaneReaderTests
{
    private const int RunBytes = 64 << 10;
    private const int Runs = 20;
    private const int Cut = 5;

    [Fact]
    public void A_frame_with_floats_costs_one_read_whose_bytes_lie_ready()
    {
        using var wire = new GivingWire(static asked => asked);
        Assert.Equal(Enumerable.Range(0, Runs), Read(wire));

        // A frame is a run, or a piece of it; one more for the first head, one for the end.
        Assert.Equal(Runs + Cut + 2, wire.Reads);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Frames_are_the_same_however_their_bytes_arrive(int seed)
    {
        var random = new Random(seed);
        using var wire = new GivingWire(asked => random.Next(2) == 0 ? asked : random.Next(1, Math.Min(asked, 70) + 1));
        Assert.Equal(Enumerable.Range(0, Runs), Read(wire));
    }

    /// <summary>The numbers of the runs that arrived with the right floats.</summary>
    private static List<int> Read(GivingWire wire)
    {
        var frames = new Frames();
        var reader = new LaneReader(wire, new LaneOptions(), static () => { }) { TakesMessages = true };
        Assert.Throws<EndOfStreamException>(() => reader.Run(frames));
        Assert.Equal(wire.Bytes, reader.BytesReceived);
        return frames.Right;
    }

    private static void Fill(Span<float> floats, int run) => new Random(run).NextBytes(MemoryMarshal.AsBytes(floats));

    /// <summary>A socket in which runs lie ready, the first in two pieces, with a ping behind every fifth.</summary>
    private sealed class GivingWire : LaneWire
    {
        private readonly FrameBuffer frames = new();
        private readonly Func<int, int> atOnce;
        private int given;

        /// <param name="atOnce">Bytes that a read gets, by those it asks for.</param>
        public GivingWire(Func<int, int> atOnce)
            : base(new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            this.atOnce = atOnce;
            float[] floats = new float[RunBytes / sizeof(float)];
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(floats.AsSpan());
            for (int run = 0; run < Runs; run++)
            {
                Fill(floats, run);
                int start = frames.Begin();
                frames.GetSpan(1)[0] = (byte)run;
                frames.Advance(1);
                int piece = run < Cut ? RunBytes / 2 : RunBytes;
                frames.End(start, FrameKind.Message, 0, piece, RunBytes);
                Append(bytes[..piece]);
                if (piece < RunBytes)
                {
                    frames.Add(FrameKind.Piece, [], 0, RunBytes - piece, RunBytes);
                    Append(bytes[piece..]);
                }

                if (run % 5 == 4)
                {
                    frames.Add(FrameKind.Ping, new byte[sizeof(long)]);
                }
            }
        }

        public int Reads { get; private set; }

        public int Bytes => frames.Length;

        public override int Read(Span<byte> into) => Read(into, []);

        public override int Read(Span<byte> into, Span<byte> behind)
        {
            Reads++;
            ReadOnlySpan<byte> got = frames.Written[given..];
            got = got[..Math.Min(got.Length, atOnce(into.Length + behind.Length))];
            if (got.IsEmpty)
            {
                throw new EndOfStreamException();
            }

            int first = Math.Min(got.Length, into.Length);
            got[..first].CopyTo(into);
            got[first..].CopyTo(behind);
            given += got.Length;
            return got.Length;
        }

        private void Append(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(frames.GetSpan(bytes.Length));
            frames.Advance(bytes.Length);
        }
    }

    private sealed class Frames : ILaneFrames
    {
        private readonly BlockPool pool = new();

        public List<int> Right { get; } = [];

        public BlockBuffer Rent(ReadOnlySpan<byte> head, int floats) => pool.Rent(floats);

        public void OnMessage(ReadOnlySpan<byte> head, BlockBuffer? run)
        {
            int number = head[0];
            float[] wanted = new float[run!.Length];
            Fill(wanted, number);
            if (MemoryMarshal.AsBytes(run.Span).SequenceEqual(MemoryMarshal.AsBytes(wanted.AsSpan())))
            {
                Right.Add(number);
            }

            run.Release();
        }

        public void OnBytes(int channel, ReadOnlySpan<byte> bytes) => throw new NotSupportedException();

        public void OnPing(bool answer, long token)
        {
        }

        public void OnOffer(SharedHandle handle) => throw new NotSupportedException();

        public void OnAccept(int process) => throw new NotSupportedException();

        public bool ReadShared() => false;

        public BlockBuffer? Take(SharedPlace place, ReadOnlySpan<byte> head) => throw new NotSupportedException();
    }
}
