using System.Net.Sockets;

namespace DistTrain.Hosting.Tests;

/// <summary>Somebody who connects to a listening port and says what a test wants; knows frames, keeps to nothing.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket socket;
    private readonly Stream stream;

    /// <param name="address">Where to.</param>
    /// <param name="tls">Null: plaintext.</param>
    public RawClient(LaneAddress address, LaneTls? tls = null)
    {
        System.Net.EndPoint point = address.Resolve()[0];
        socket = address.CreateSocket(point.AddressFamily);
        socket.Connect(point);
        socket.ReceiveTimeout = socket.SendTimeout = (int)LaneEnd.Patience.TotalMilliseconds;
        stream = new NetworkStream(socket);
        if (tls is not null)
        {
            var encrypted = new System.Net.Security.SslStream(stream);
            encrypted.AuthenticateAsClient(tls.ForDialer("localhost"));
            stream = encrypted;
        }
    }

    /// <summary>Connects and shakes hands as a node of the tests' run.</summary>
    public static RawClient Shaken(LaneAddress address, string name) => Shaken(address, LaneIdentity.Of(name, LaneEnd.Run, []), new LaneSecurity());

    /// <summary>Connects and shakes hands.</summary>
    public static RawClient Shaken(LaneAddress address, LaneIdentity identity, LaneSecurity security)
    {
        var client = new RawClient(address, security.Tls);
        var wire = new StreamWire(client.stream);
        var reader = new LaneReader(wire, new LaneOptions(), static () => { });
        new LaneHandshake(wire, reader, identity, security).Dial(null);
        return client;
    }

    /// <summary>Sends bytes; returns whether the other side still took them.</summary>
    public bool Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            stream.Write(bytes);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Throws away what has come; returns whether the other side ends the connection within a time.</summary>
    public bool HasEnded(int milliseconds)
    {
        byte[] rest = new byte[4096];
        while (socket.Poll(milliseconds * 1000, SelectMode.SelectRead))
        {
            if (socket.Receive(rest, SocketFlags.None, out SocketError error) == 0 || error != SocketError.Success)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads until the other side closes; returns whether it did.</summary>
    public bool WaitForEnd()
    {
        byte[] rest = new byte[4096];
        try
        {
            while (stream.Read(rest) > 0)
            {
            }

            return true;
        }
        catch (IOException e)
        {
            return e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset };
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        stream.Dispose();
    }

    private sealed class StreamWire(Stream stream) : LaneWire(new Socket(SocketType.Stream, ProtocolType.Tcp))
    {
        public override int Write(ReadOnlySpan<byte> bytes)
        {
            stream.Write(bytes);
            return bytes.Length;
        }

        public override int Read(Span<byte> into)
        {
            int read = stream.Read(into);
            return read > 0 ? read : throw new EndOfStreamException("closed");
        }
    }
}
