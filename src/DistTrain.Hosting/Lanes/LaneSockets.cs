using System.Net;
using System.Net.Sockets;

namespace DistTrain.Hosting;

/// <summary>Sockets as lanes use them: non-blocking, small frames at once, little unsent in the kernel.</summary>
internal static class LaneSockets
{
    /// <summary>A connected socket as a wire, with the settings of lanes.</summary>
    public static LaneWire WireOf(Socket socket, LaneOptions options, LaneSecurity security)
    {
        const int TcpLevel = 6, TcpNotSentLowat = 25;
        socket.Blocking = false;
        if (socket.ProtocolType != ProtocolType.Tcp)
        {
            socket.SendBufferSize = options.UnixBufferBytes;
        }
        else
        {
            socket.NoDelay = true;
            if (OperatingSystem.IsLinux())
            {
                // The buffer itself stays the kernel's business, which fits it to the way; what lies unsent in it is ours.
                socket.SetRawSocketOption(TcpLevel, TcpNotSentLowat, BitConverter.GetBytes(options.SocketBytesMax));
            }
        }

        return security.Tls is null ? new LaneWire(socket) : new TlsWire(socket);
    }

    /// <summary>The other side's address, for people.</summary>
    public static string Remote(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint is IPEndPoint point ? point.ToString() : "a process of this host";
        }
        catch (SocketException)
        {
            return "somebody who has gone";
        }
    }

    /// <summary>Connects to the first of the address's end points that answers.</summary>
    /// <exception cref="IOException">None does.</exception>
    public static Socket Connect(LaneAddress address, CancellationToken cancel)
    {
        string reason = "the name stands for no address";
        try
        {
            foreach (EndPoint point in address.Resolve())
            {
                Socket socket = address.CreateSocket(point.AddressFamily);
                if (TryConnect(socket, point, cancel) is not { } failure)
                {
                    return socket;
                }

                socket.Dispose();
                reason = failure;
            }
        }
        catch (SocketException e)
        {
            reason = e.Message;
        }

        throw new IOException($"{address}: {reason}");
    }

    private static string? TryConnect(Socket socket, EndPoint point, CancellationToken cancel)
    {
        const int PollsMax = 50;
        const int PollMicroseconds = 100_000;
        socket.Blocking = false;
        try
        {
            socket.Connect(point);
            return null;
        }
        catch (SocketException e) when (e.SocketErrorCode is not (SocketError.WouldBlock or SocketError.InProgress))
        {
            return e.Message;
        }
        catch (SocketException)
        {
            // Under way.
        }

        for (int i = 0; i < PollsMax && !cancel.IsCancellationRequested; i++)
        {
            if (socket.Poll(PollMicroseconds, SelectMode.SelectWrite))
            {
                var error = (SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
                return error == SocketError.Success ? null : new SocketException((int)error).Message;
            }
        }

        return "no answer";
    }
}
