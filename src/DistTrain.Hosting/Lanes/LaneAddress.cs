using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>Where a lane listens: unix:PATH, or HOST:PORT with HOST a name, an IPv4 address or an IPv6 address in brackets.</summary>
public sealed record LaneAddress
{
    private const string UnixPrefix = "unix:";
    private const string Allowed = "allowed: unix:PATH, or HOST:PORT such as 192.168.0.7:7300 or [::1]:7300";

    /// <summary>Bytes of a socket's path that Linux and macOS hold for certain (sun_path less its end).</summary>
    private const int UnixPathBytesMax = 103;

    private LaneAddress(string? path, string? host, int port)
    {
        Path = path;
        Host = host;
        Port = port;
    }

    /// <summary>Of the socket file; null for TCP.</summary>
    public string? Path { get; }

    /// <summary>Name or address, without brackets; null for a Unix socket.</summary>
    public string? Host { get; }

    /// <summary>Of TCP; 0: any free one, for listeners.</summary>
    public int Port { get; }

    public bool IsUnix => Path is not null;

    /// <summary>Whether only processes of this host can reach it: a Unix socket, a loopback address, or the name localhost.</summary>
    public bool IsLocal => IsUnix || Host == "localhost" || (IPAddress.TryParse(Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <exception cref="UserError">The path is too long for a socket.</exception>
    public static LaneAddress Unix(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        int bytes = Encoding.UTF8.GetByteCount(path);
        return bytes <= UnixPathBytesMax
            ? new LaneAddress(path, null, 0)
            : throw new UserError($"{UnixPrefix}{path}: the path has {bytes} bytes; a socket's can have {UnixPathBytesMax}");
    }

    /// <param name="host">Name or address, without brackets.</param>
    /// <param name="port">0 to 65535.</param>
    public static LaneAddress Tcp(string host, int port)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        return new LaneAddress(null, host, port);
    }

    /// <param name="where">Option or key that the text is from, for the error.</param>
    /// <param name="text">As a person wrote it.</param>
    /// <exception cref="UserError">It is no address.</exception>
    public static LaneAddress Parse(string where, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            return text.Length > UnixPrefix.Length ? Unix(text[UnixPrefix.Length..]) : throw new UserError($"{where}: found \"{text}\" without a path; {Allowed}");
        }

        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? text : text[..colon];
        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        host = bracketed ? host[1..^1] : host;
        if (colon < 0 || host.Length == 0 || bracketed != host.Contains(':', StringComparison.Ordinal) || host.Any(char.IsWhiteSpace))
        {
            throw new UserError($"{where}: found \"{text}\"; {Allowed}");
        }

        return int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port <= ushort.MaxValue
            ? Tcp(host, port)
            : throw new UserError($"{where}: found port \"{text[(colon + 1)..]}\" in \"{text}\"; allowed: 0 to {ushort.MaxValue}");
    }

    public override string ToString() =>
        IsUnix ? UnixPrefix + Path
        : Host!.Contains(':', StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    internal Socket CreateSocket(AddressFamily tcpFamily) => IsUnix
        ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : new Socket(tcpFamily, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>What the name stands for now, IPv4 first; one end point for a Unix socket.</summary>
    /// <exception cref="SocketException">The name is not known.</exception>
    internal EndPoint[] Resolve() =>
        IsUnix ? [new UnixDomainSocketEndPoint(Path!)]
        : IPAddress.TryParse(Host, out IPAddress? address) ? [new IPEndPoint(address, Port)]
        : [.. Dns.GetHostAddresses(Host!).OrderBy(found => found.AddressFamily).Select(found => new IPEndPoint(found, Port))];
}
