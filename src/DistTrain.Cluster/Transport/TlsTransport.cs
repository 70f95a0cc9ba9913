using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Transport;
using DistTrain.Hosting;

namespace DistTrain.Cluster;

/// <summary>
/// Akka.NET's connections over TLS with certificates on both sides, the ones of the lanes: in the place of Akka.NET's TcpTransport, with
/// its settings (hostname, port, public-hostname, maximum-frame-size, connection-timeout), when disttrain.node.tls is given.
/// </summary>
/// <remarks>
/// Rejected: the TLS of Akka.NET's own transport. Before 1.5.55 the listening side asks nobody for a certificate (CVE-2025-61778) and the
/// dialing side compares the host's name with its own; after it, authorities are those of the operating system, and who is refused is not
/// told why. Docs: docs/decisions/0010-akkas-connections-have-the-tls-of-lanes.md.
/// </remarks>
internal sealed class TlsTransport : Akka.Remote.Transport.Transport
{
    /// <summary>Of this class, in settings.</summary>
    public const string ClassName = "DistTrain.Cluster.TlsTransport, DistTrain.Cluster";

    /// <summary>Strangers and newcomers that may be in their handshake at a time; more are closed at once.</summary>
    private const int HandshakesMax = 64;

    private readonly LaneTls tls;
    private readonly ILoggingAdapter log;
    private readonly Lock gate = new();
    private readonly HashSet<TlsAssociation> associations = [];
    private readonly TaskCompletionSource<IAssociationEventListener> listener = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeSpan connectMax;
    private Socket? door;
    private Address local = Address.AllSystems;
    private int handshakes;
    private bool stopped;

    /// <summary>Called by Akka.NET, with the section of the transport.</summary>
    public TlsTransport(ActorSystem system, Config config)
    {
        System = system;
        Config = config;
        SchemeIdentifier = "tcp";
        MaximumPayloadBytes = config.GetByteSize("maximum-frame-size") ?? throw new ConfigurationException("maximum-frame-size is missing");
        connectMax = config.GetTimeSpan("connection-timeout", TimeSpan.FromSeconds(15));
        log = Logging.GetLogger(system, typeof(TlsTransport));
        tls = NodeSettings.Of(system.Settings.Config).Security.ToLanes().Tls
            ?? throw new ConfigurationException("disttrain.node.tls: no certificates, which this transport needs");
    }

    public override bool IsResponsibleFor(Address remote) => true;

    public override async Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        string host = Config.GetString("hostname", null) is { Length: > 0 } named ? named : "127.0.0.1";
        IPAddress at = await ResolveAsync(host).ConfigureAwait(false);
        door = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (!OperatingSystem.IsWindows())
        {
            // There it would let two processes have one port.
            door.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        }

        door.Bind(new IPEndPoint(at, Config.GetInt("port")));
        door.Listen(Config.GetInt("backlog", 128));
        int got = ((IPEndPoint)door.LocalEndPoint!).Port;
        string called = Config.GetString("public-hostname", null) is { Length: > 0 } open ? open : host;
        int port = Config.GetInt("public-port") is > 0 and var elsewhere ? elsewhere : got;
        local = new Address(SchemeIdentifier, System.Name, called, port);
        new Thread(Accept, TlsAssociation.StackBytes) { IsBackground = true, Name = "akka-tls-accept" }.Start();
        return (local, listener);
    }

    public override Task<AssociationHandle> Associate(Address remoteAddress)
    {
        var done = new TaskCompletionSource<AssociationHandle>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Dial(remoteAddress, done), TlsAssociation.StackBytes) { IsBackground = true, Name = "akka-tls-dial" }.Start();
        return done.Task;
    }

    public override Task<bool> Shutdown()
    {
        List<TlsAssociation> open;
        lock (gate)
        {
            stopped = true;
            open = [.. associations];
        }

        door?.Dispose();
        open.ForEach(association => association.End());
        return Task.FromResult(true);
    }

    private static async Task<IPAddress> ResolveAsync(string host)
    {
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return address;
        }

        IPAddress[] found = await Dns.GetHostAddressesAsync(host).ConfigureAwait(false);
        return Array.Find(found, each => each.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
    }

    private void Accept()
    {
        IAssociationEventListener told = listener.Task.GetAwaiter().GetResult();
        while (true)
        {
            Socket socket;
            try
            {
                socket = door!.Accept();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                if (Volatile.Read(ref stopped))
                {
                    return;
                }

                log.Warning("a connection could not be accepted: {0}", e.Message);
                continue;
            }

            if (Interlocked.Increment(ref handshakes) > HandshakesMax)
            {
                Interlocked.Decrement(ref handshakes);
                socket.Dispose();
                continue;
            }

            new Thread(() => Welcome(socket, told), TlsAssociation.StackBytes) { IsBackground = true, Name = "akka-tls-read" }.Start();
        }
    }

    /// <summary>On the connection's own thread, which goes on to read.</summary>
    private void Welcome(Socket socket, IAssociationEventListener told)
    {
        TlsAssociation? association = null;
        try
        {
            var from = (IPEndPoint)socket.RemoteEndPoint!;
            association = TlsAssociation.Shake(
                socket, tls, null, connectMax, local, new Address(SchemeIdentifier, System.Name, $"{from.Address}", from.Port), (int)MaximumPayloadBytes, log);
            Add(association);
            told.Notify(new InboundAssociation(association));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            log.Warning("a connection to this node's Akka port came to nothing: {0}", e.Message);
            socket.Dispose();
        }
        finally
        {
            Interlocked.Decrement(ref handshakes);
        }

        Read(association);
    }

    private void Dial(Address remote, TaskCompletionSource<AssociationHandle> done)
    {
        TlsAssociation? association = null;
        Socket? socket = null;
        try
        {
            IPAddress at = ResolveAsync(remote.Host).GetAwaiter().GetResult();
            socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            IAsyncResult connecting = socket.BeginConnect(new IPEndPoint(at, remote.Port!.Value), null, null);
            if (!connecting.AsyncWaitHandle.WaitOne(connectMax))
            {
                throw new IOException($"no connection within {connectMax.TotalSeconds} s");
            }

            socket.EndConnect(connecting);
            association = TlsAssociation.Shake(socket, tls, remote.Host, connectMax, local, remote, (int)MaximumPayloadBytes, log);
            Add(association);
            done.TrySetResult(association);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            socket?.Dispose();
            done.TrySetException(new InvalidAssociationException($"{remote}: {e.Message}", e));
        }

        Read(association);
    }

    private void Add(TlsAssociation association)
    {
        lock (gate)
        {
            if (stopped)
            {
                throw new IOException("this node ends");
            }

            associations.Add(association);
        }
    }

    private void Read(TlsAssociation? association)
    {
        if (association is null)
        {
            return;
        }

        association.Read();
        lock (gate)
        {
            associations.Remove(association);
        }
    }
}
