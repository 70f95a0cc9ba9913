using System.Net;
using System.Net.Sockets;
using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

public class LaneStageTests
{
    private static readonly LaneOptions Options = new();

    [Theory]
    [InlineData(65_483, 1_500_000)]
    [InlineData(65_483, 256 * 1024)]
    [InlineData(1_448, 1_500_000)]
    [InlineData(1, 1_500_000)]
    public void All_pieces_but_the_last_fill_whole_segments_with_what_is_sent_before_them(int segment, int bytes)
    {
        List<int> sent = Sent(segment, bytes);
        Assert.All(sent[..^1], frame => Assert.Equal(0, frame % segment));
        Assert.All(sent[..^1], frame => Assert.InRange(frame, Options.PieceBytes - segment + 1, Options.PieceBytes));

        // Not one more frame for a small rest.
        Assert.InRange(sent[^1], 1, Options.PieceBytes * 5 / 4);
        Assert.Equal((bytes + Options.PieceBytes - 1) / Options.PieceBytes, sent.Count);
    }

    [Fact]
    public void A_piece_is_whole_where_segments_are_larger() => Assert.InRange(Sent(1_000_000, 1_500_000)[0], Options.PieceBytes - 100, Options.PieceBytes);

    [Fact]
    public void Segments_are_those_of_a_tcp_connection()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var wire = new LaneWire(socket);
        socket.Connect(listener.LocalEndPoint!);
        int whole = wire.WholeSegments(Options.PieceBytes);
        Assert.InRange(whole, Options.PieceBytes / 2, Options.PieceBytes);
        Assert.Equal(whole, wire.WholeSegments(whole));
        wire.Dispose();
        Assert.Equal(Options.PieceBytes, wire.WholeSegments(Options.PieceBytes));
    }

    /// <summary>Bytes of each frame of one message.</summary>
    private static List<int> Sent(int segment, int bytes)
    {
        using var wire = new WireOfSegments(segment);
        var stage = new LaneStage(wire, Options);
        var pool = new BlockPool();
        var moved = new BlockMoved(new RunEpoch(1), new BlockId(1), new WeightVersion(3), true, 1, pool.Rent(bytes / sizeof(float)));
        stage.Add(new LaneQueue.Entry(MachineId.Server(1), MachineId.Server(2), moved, null, 0, 0));
        var sent = new List<int>();
        int payload = 0;
        while (true)
        {
            payload += stage.Piece.Length;
            sent.Add(stage.Heads.Length + stage.Piece.Length);
            stage.Advance(sent[^1]);
            stage.Clear();
            if (!stage.HasOpenRun)
            {
                break;
            }

            stage.AddPiece();
        }

        Assert.Equal(bytes, payload);
        Assert.Equal(0, pool.BuffersRented);
        return sent;
    }

    private sealed class WireOfSegments(int segment) : LaneWire(new Socket(SocketType.Stream, ProtocolType.Tcp))
    {
        public override int WholeSegments(int bytes) => segment <= bytes ? bytes - (bytes % segment) : bytes;
    }
}
