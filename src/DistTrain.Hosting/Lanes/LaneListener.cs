using System.Net;
using System.Net.Sockets;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>An open door of a node. Accepts on a thread of its own and never waits for anybody who comes in.</summary>
public sealed class LaneListener : IDisposable
{
    /// <summary>Connections the kernel holds until they are accepted.</summary>
    private const int Backlog = 64;

    private const int PollMicroseconds = 200_000;
    private readonly LaneNode node;
    private readonly Socket socket;
    private volatile bool closed;

    /// <exception cref="UserError">The address can't be listened at.</exception>
    internal LaneListener(LaneNode node, LaneAddress address)
    {
        this.node = node;
        try
        {
            EndPoint point = address.Resolve()[0];
            socket = address.CreateSocket(point.AddressFamily);
            if (address.IsUnix)
            {
                UnixSocketFile.Prepare(address.Path!);
            }

            socket.Bind(point);
            if (address.IsUnix)
            {
                UnixSocketFile.Restrict(address.Path!);
            }

            socket.Listen(Backlog);
            socket.Blocking = false;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            socket?.Dispose();
            throw new UserError($"{address}: can't be listened at: {e.Message}", e);
        }

        Address = address.IsUnix ? address : LaneAddress.Tcp(address.Host!, ((IPEndPoint)socket.LocalEndPoint!).Port);
        new Thread(AcceptAll, maxStackSize: LaneNode.StackBytes) { IsBackground = true, Name = "lane listener" }.Start();
    }

    /// <summary>Where it listens, with the port it got.</summary>
    public LaneAddress Address { get; }

    public void Dispose()
    {
        if (!closed)
        {
            closed = true;
            socket.Dispose();
            if (Address.IsUnix)
            {
                UnixSocketFile.Remove(Address.Path!);
            }
        }
    }

    private void AcceptAll()
    {
        while (!closed)
        {
            try
            {
                if (socket.Poll(PollMicroseconds, SelectMode.SelectRead))
                {
                    node.Enter(socket.Accept());
                }
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // Whoever came has gone again, or descriptors are short for a moment; the next poll tells.
            }
        }
    }
}
