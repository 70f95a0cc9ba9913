using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// How a lane begins, after TLS if there is any. Dialer: greeting (version, nonce); listener: greeting; dialer: introduction (who it is,
/// and a proof that it knows the token); listener: introduction; dialer: ready. In place of any of these a side may refuse, with a
/// reason that the other shows to its user.
/// </summary>
/// <remarks>
/// Proof = HMAC-SHA256(token, role, both nonces, introduction): it can't be replayed, reflected or moved to another introduction, and
/// the listener has to give one too. It says nothing about what follows: without TLS whoever sits between can still change frames.
/// </remarks>
internal sealed class LaneHandshake(LaneWire wire, LaneReader reader, LaneIdentity self, LaneSecurity security)
{
    /// <summary>Of the frames themselves; raised with every change of them.</summary>
    public const int LaneVersion = 3;

    /// <summary>Bytes of a head before the handshake is over: an identity with its machines.</summary>
    public const int FrameBytesMax = 16 * 1024;

    /// <summary>Machines one node names.</summary>
    private const int MachinesMax = 1024;

    private const int NonceBytes = 16;

    private readonly FrameBuffer buffer = new();
    private readonly string nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceBytes));

    /// <summary>The dialer's side; returns who answered.</summary>
    /// <param name="verdict">Why the peer's certificate is not accepted; null: it is, or there is none.</param>
    /// <exception cref="LaneRefusedException">One side refused.</exception>
    public LaneIdentity Dial(LaneRefusal? verdict)
    {
        Refuse(verdict);
        SendGreeting();
        string theirs = ReadGreeting();
        SendIntroduction(dialer: true, nonce + theirs);
        LaneIdentity peer = ReadIntroduction(dialer: false, nonce + theirs);
        Refuse(self.Check(peer));
        Send(FrameKind.Ready, static _ => { });
        return peer;
    }

    /// <summary>The listener's side; returns who dialed.</summary>
    /// <param name="verdict">As for <see cref="Dial"/>.</param>
    /// <param name="admit">Last word on an identity that is otherwise accepted; null: no objection.</param>
    /// <exception cref="LaneRefusedException">One side refused.</exception>
    public LaneIdentity Accept(LaneRefusal? verdict, Func<LaneIdentity, LaneRefusal?> admit)
    {
        Refuse(verdict);
        string theirs = ReadGreeting();
        SendGreeting();
        LaneIdentity peer = ReadIntroduction(dialer: true, theirs + nonce);
        Refuse(self.Check(peer) ?? admit(peer));
        SendIntroduction(dialer: false, theirs + nonce);
        Read(FrameKind.Ready);
        return peer;
    }

    /// <summary>Tells the peer and this side; returns without effect when there is nothing to refuse.</summary>
    public void Refuse(LaneRefusal? refusal)
    {
        if (refusal is null)
        {
            return;
        }

        Send(FrameKind.Refusal, output =>
        {
            var writer = new MessagePackWriter(output);
            writer.Array(2);
            writer.Integer((int)refusal.Reason);
            writer.Text(Printable(refusal.Text));
        });
        throw new LaneRefusedException(refusal);
    }

    /// <summary>A text as the head of a frame.</summary>
    public static void WriteText(IBufferWriter<byte> output, string text) => new MessagePackWriter(output).Text(Printable(text));

    /// <exception cref="InvalidDataException">It is no text.</exception>
    public static string ReadText(ReadOnlySpan<byte> head) => Printable(new MessagePackReader(head).Text());

    private void SendGreeting() => Send(FrameKind.Greeting, output =>
    {
        var writer = new MessagePackWriter(output);
        writer.Array(3);
        writer.Integer(LaneVersion);
        writer.Text(nonce);
        writer.Boolean(security.Token is not null);
    });

    private string ReadGreeting()
    {
        var message = new MessagePackReader(Read(FrameKind.Greeting));
        int fields = message.Array(16);
        long version = fields > 0 ? message.Integer(0, int.MaxValue) : 0;
        if (version != LaneVersion)
        {
            Refuse(new LaneRefusal(LaneRefusalReason.LaneVersion, $"{self.Node} has lane version {LaneVersion}, the other side has {version}; the same build is needed"));
        }

        if (fields != 3)
        {
            throw FramePrefix.Bad($"a greeting with {fields} fields instead of 3");
        }

        string theirs = message.Text();
        bool theirsHasToken = message.Boolean();
        message.End();
        if (theirs.Length != 2 * NonceBytes || theirs == nonce)
        {
            throw FramePrefix.Bad("a greeting without a nonce of its own");
        }

        if (theirsHasToken != security.Token is not null)
        {
            Refuse(new LaneRefusal(
                LaneRefusalReason.Token,
                theirsHasToken ? $"{self.Node} has no join token, the other side has one" : $"{self.Node} wants a join token, and the other side has none"));
        }

        return theirs;
    }

    private void SendIntroduction(bool dialer, string nonces)
    {
        var identity = new ArrayBufferWriter<byte>();
        WriteIdentity(identity, self);
        string? proof = Proof(dialer, nonces, identity.WrittenSpan);
        Send(FrameKind.Introduction, output =>
        {
            var writer = new MessagePackWriter(output);
            writer.Array(2);
            output.Write(identity.WrittenSpan);
            writer.Text(proof);
        });
    }

    private LaneIdentity ReadIntroduction(bool dialer, string nonces)
    {
        ReadOnlySpan<byte> head = Read(FrameKind.Introduction);
        var message = new MessagePackReader(head);
        message.ArrayOf(2);
        int before = message.BytesLeft;
        LaneIdentity peer = ReadIdentity(ref message);
        ReadOnlySpan<byte> identity = head.Slice(head.Length - before, before - message.BytesLeft);
        string? proof = message.IsNil() ? null : message.Text();
        message.End();
        string? expected = Proof(dialer, nonces, identity);
        if (expected is not null && !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(proof ?? "")))
        {
            Refuse(new LaneRefusal(LaneRefusalReason.Token, $"{peer.Node} has another join token than {self.Node}"));
        }

        return peer;
    }

    /// <summary>Null without a token.</summary>
    private string? Proof(bool dialer, string nonces, ReadOnlySpan<byte> identity) =>
        security.Token is { } token
            ? Convert.ToHexStringLower(token.Proof([.. Encoding.UTF8.GetBytes((dialer ? "dialer" : "listener") + nonces), .. identity]))
            : null;

    private static void WriteIdentity(ArrayBufferWriter<byte> output, LaneIdentity identity)
    {
        var writer = new MessagePackWriter(output);
        writer.Array(7);
        writer.Text(identity.Node);
        writer.Integer(identity.WireVersion);
        writer.Integer(identity.NumericsVersion);
        writer.Text(identity.JobHash);
        writer.Text(identity.DataFingerprint);
        writer.Text(identity.Address);
        writer.Array(identity.Machines.Count);
        foreach (MachineId machine in identity.Machines)
        {
            writer.Array(2);
            writer.Integer((int)machine.Role);
            writer.Integer(machine.Number);
        }
    }

    private static LaneIdentity ReadIdentity(ref MessagePackReader reader)
    {
        reader.ArrayOf(7);
        string node = reader.Text();
        if (node.Length is 0 or > LaneIdentity.NodeCharactersMax || node.Any(c => c is < ' ' or > '~'))
        {
            throw FramePrefix.Bad($"a node's name of {node.Length} characters; allowed are 1 to {LaneIdentity.NodeCharactersMax} of printable ASCII");
        }

        int wire = (int)reader.Integer(0, int.MaxValue), numerics = (int)reader.Integer(0, int.MaxValue);
        string? job = Optional(ref reader), data = Optional(ref reader), address = Optional(ref reader);
        var machines = new MachineId[reader.Array(MachinesMax)];
        for (int i = 0; i < machines.Length; i++)
        {
            reader.ArrayOf(2);
            machines[i] = new MachineId((MachineRole)reader.Integer(0, (int)MachineRole.Worker), (int)reader.Integer(0, int.MaxValue));
        }

        return new LaneIdentity(node, wire, numerics, job, data, machines, address);
    }

    private static string? Optional(ref MessagePackReader reader) => reader.IsNil() ? null : Printable(reader.Text());

    private ReadOnlySpan<byte> Read(FrameKind expected)
    {
        ReadOnlySpan<byte> head = reader.ReadSmall(out FramePrefix prefix);
        if (prefix.Kind == FrameKind.Refusal)
        {
            var message = new MessagePackReader(head);
            message.ArrayOf(2);
            var reason = (LaneRefusalReason)message.Integer(0, (int)LaneRefusalReason.Encryption);
            throw new LaneRefusedException(new LaneRefusal(reason, Printable(message.Text()), ByPeer: true));
        }

        return prefix.Kind == expected ? head : throw FramePrefix.Bad($"{prefix.Kind} where {expected} is expected");
    }

    private void Send(FrameKind kind, Action<FrameBuffer> write)
    {
        buffer.Clear();
        int start = buffer.Begin();
        write(buffer);
        buffer.End(start, kind);
        wire.WriteAll(buffer.Written);
    }

    /// <summary>Texts of strangers are shown to people: no control characters, no terminal sequences.</summary>
    private static string Printable(string text) =>
        string.Create(Math.Min(text.Length, 1000), text, static (to, from) =>
        {
            for (int i = 0; i < to.Length; i++)
            {
                to[i] = char.IsControl(from[i]) || char.IsSurrogate(from[i]) ? '?' : from[i];
            }
        });
}
