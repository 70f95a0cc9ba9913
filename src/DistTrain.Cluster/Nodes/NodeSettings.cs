using Akka.Configuration;
using DistTrain.Data;
using DistTrain.Hosting;
using DistTrain.Protocol;
using DistTrain.Tensors;

namespace DistTrain.Cluster;

/// <summary>Section disttrain.node of a node's settings (cluster-config/common.conf says what each is for).</summary>
internal sealed record NodeSettings
{
    public const string CoordinatorRole = "coordinator";
    public const string ServerRole = "server";
    public const string WorkerRole = "worker";

    private const string Section = "disttrain.node";

    /// <summary>What the node may host.</summary>
    public required IReadOnlySet<string> Roles { get; init; }

    /// <summary>Where its lanes listen, and others dial them.</summary>
    public required LaneAddress Lanes { get; init; }

    /// <summary>Where its HTTP API listens; null: nowhere.</summary>
    public required (string Host, int Port)? Api { get; init; }

    /// <summary>Threads of its worker.</summary>
    public required int Threads { get; init; }

    /// <summary>Folder of run folders; shared by all candidates for the singleton.</summary>
    public required string Runs { get; init; }

    /// <summary>The user's folder of data sets; null: only the cache.</summary>
    public required string? Data { get; init; }

    /// <summary>Takes a run's data from the singleton even if they are here.</summary>
    public required bool FetchesData { get; init; }

    /// <summary>Folder that keeps what came from there.</summary>
    public required string Chunks { get; init; }

    public required NodeSecurity Security { get; init; }

    /// <summary>What a leaving node's machines get to leave in order.</summary>
    public required TimeSpan LeaveMax { get; init; }

    /// <summary>Versions that the node speaks; tests let it be another build.</summary>
    public int WireVersion { get; init; } = ProtocolLimits.WireVersion;

    /// <summary>Likewise.</summary>
    public int NumericsVersion { get; init; } = Numerics.Version;

    /// <summary>Called on a worker's compute thread with each answer before it is handed over, so that tests can hold a run; null: nobody does.</summary>
    public Action<Input>? OnComputed { get; init; }

    public bool IsCandidate => Roles.Contains(CoordinatorRole);

    public bool HostsMachines => Roles.Contains(ServerRole) || Roles.Contains(WorkerRole);

    /// <exception cref="UserError">A key is missing or wrong.</exception>
    public static NodeSettings Of(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        HashSet<string> roles = [.. config.GetStringList("akka.cluster.roles")];
        if (roles.FirstOrDefault(role => role is not (CoordinatorRole or ServerRole or WorkerRole)) is { } unknown)
        {
            throw new UserError($"akka.cluster.roles: found {unknown}; allowed: {CoordinatorRole}, {ServerRole}, {WorkerRole}");
        }

        string host = Text(config, "lanes.hostname") ?? Known(config, "akka.remote.dot-netty.tcp.public-hostname") ?? Known(config, "akka.remote.dot-netty.tcp.hostname") ?? "127.0.0.1";
        if (host is "0.0.0.0" or "::")
        {
            throw new UserError($"{Section}.lanes.hostname: found {host}, which nobody can dial; allowed: the name or address under which other nodes reach this one");
        }

        int api = Number(config, "api.port", -1, ushort.MaxValue);
        int threads = Number(config, "threads", 0, 1024);
        NodeSecurity security = new()
        {
            Token = Text(config, "token-file") is { } file ? LaneToken.TextOfFile(file)
                : Environment.GetEnvironmentVariable(LaneToken.Variable) is { Length: > 0 } token ? token : null,
            TlsAuthority = Text(config, "tls.authority"),
            TlsCertificate = Text(config, "tls.certificate"),
            TlsKey = Text(config, "tls.key"),
            Insecure = config.GetBoolean($"{Section}.insecure"),
        };
        var settings = new NodeSettings
        {
            Roles = roles,
            Lanes = LaneAddress.Tcp(host, Number(config, "lanes.port", 0, ushort.MaxValue)),
            Api = api < 0 ? null : (Text(config, "api.hostname") ?? "127.0.0.1", api),
            Threads = threads == 0 ? Environment.ProcessorCount : threads,
            Runs = Path.GetFullPath(Text(config, "runs") ?? "runs"),
            Data = Text(config, "data") ?? Environment.GetEnvironmentVariable("DISTTRAIN_DATA"),
            FetchesData = config.GetBoolean($"{Section}.fetch-data"),
            Chunks = Text(config, "chunks") ?? ChunkCache.DefaultFolder,
            Security = security,
            LeaveMax = config.GetTimeSpan($"{Section}.leave-within", TimeSpan.FromSeconds(8)),
        };
        security.ToLanes().MustAllow(settings.Lanes);
        if (settings.Api is { } door && security.Token is null && !LaneAddress.Tcp(door.Host, door.Port).IsLocal)
        {
            throw new UserError($"{Section}.api.hostname: found {door.Host}, where others could stop runs; allowed: a loopback address, or a token in {LaneToken.Variable} or {Section}.token-file");
        }

        return settings;
    }

    /// <summary>That a node knows the token, for one of its reports; empty without one.</summary>
    public static byte[] Proof(LaneToken? token, string node, long number) =>
        token?.Proof(System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant($"disttrain node {ProtocolLimits.WireVersion} {number} {node}"))) ?? [];

    private static string? Text(Config config, string key) => Known(config, $"{Section}.{key}");

    private static string? Known(Config config, string key) => config.GetString(key, null) is { Length: > 0 } text ? text : null;

    private static int Number(Config config, string key, int min, int max)
    {
        string path = $"{Section}.{key}";
        string text = config.GetString(path, "0");
        return int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out int value) && value >= min && value <= max
            ? value
            : throw new UserError($"{path}: found \"{text}\"; allowed: {min} to {max}");
    }
}
