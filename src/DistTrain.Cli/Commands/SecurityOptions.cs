using System.CommandLine;
using DistTrain.Hosting;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>The options that say who may connect; the same for whoever listens and whoever joins.</summary>
internal sealed class SecurityOptions
{
    private readonly Option<string?> tokenFile = new("--token-file") { Description = $"File with the join token that all nodes share; without it ${LaneToken.Variable} has it.", HelpName = "FILE" };
    private readonly Option<string?> authority = new("--tls-ca") { Description = "Certificate of the authority; 'disttrain certs' makes one.", HelpName = "FILE" };
    private readonly Option<string?> certificate = new("--tls-cert") { Description = "This host's certificate.", HelpName = "FILE" };
    private readonly Option<string?> key = new("--tls-key") { Description = "Its key.", HelpName = "FILE" };
    private readonly Option<bool> insecure = new("--insecure") { Description = "Allows other hosts without TLS, with a join token: whoever is on the network can read along." };

    /// <param name="command">Gets the options.</param>
    public SecurityOptions(Command command)
    {
        foreach (Option option in new Option[] { tokenFile, authority, certificate, key, insecure })
        {
            command.Add(option);
        }
    }

    public NodeSecurity Load(ParseResult parsed, Terminal terminal) => new()
    {
        Token = parsed.GetValue(tokenFile) is { } file ? LaneToken.TextOfFile(file)
            : terminal.Environment.GetValueOrDefault(LaneToken.Variable) is { Length: > 0 } text ? text : null,
        TlsAuthority = FullPath(parsed.GetValue(authority)),
        TlsCertificate = FullPath(parsed.GetValue(certificate)),
        TlsKey = FullPath(parsed.GetValue(key)),
        Insecure = parsed.GetValue(insecure),
    };

    private static string? FullPath(string? path) => path is null ? null : Path.GetFullPath(path);
}
