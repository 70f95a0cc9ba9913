using System.CommandLine;
using System.Globalization;
using DistTrain.Hosting;
using DistTrain.Tensors;

namespace DistTrain.Cli;

internal static class CertsCommand
{
    private const string DefaultFolder = "certs";
    private const string TokenName = "token";

    public static Command Create(Terminal terminal)
    {
        var command = new Command("certs", "Makes a small authority and a certificate for each host, for lanes with TLS; run again it renews the hosts' certificates.");
        var folder = new Option<string>("--out") { Description = "Folder of the files; an authority that is there is used again.", HelpName = "DIR", DefaultValueFactory = _ => DefaultFolder };
        var hosts = new Option<string>("--hosts") { Description = "Names or IP addresses under which nodes are dialed, separated by commas.", HelpName = "A,B,...", DefaultValueFactory = _ => "localhost" };
        var token = new Option<bool>("--token") { Description = "Also makes a join token there, in the file 'token', unless it is there." };
        command.Add(folder);
        command.Add(hosts);
        command.Add(token);
        command.SetAction(parsed =>
        {
            string[] names = parsed.GetRequiredValue(hosts).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (names.Length == 0)
            {
                throw new UserError("--hosts: found nothing; allowed: names and IP addresses of hosts, separated by commas");
            }

            Array.ForEach(names, CertificateFolder.MustBeHost);
            Make(new CertificateFolder(parsed.GetRequiredValue(folder)), names, terminal.Output);
            if (parsed.GetValue(token))
            {
                string path = Path.Combine(parsed.GetRequiredValue(folder), TokenName);
                bool made = LaneToken.EnsureFile(path);
                terminal.Output.WriteLine($"{path}  the join token{(made ? "" : ", as it was")}: the same for every node; --token-file, or {LaneToken.Variable}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Make(CertificateFolder certificates, string[] hosts, TextWriter output)
    {
        bool made = certificates.EnsureAuthority();
        output.WriteLine($"{certificates.AuthorityPath}  the authority's certificate{(made ? "" : ", as it was")}: for every node, no secret");
        output.WriteLine($"{certificates.AuthorityKeyPath}  its key{(made ? "" : ", as it was")}: whoever has it can make nodes; keep it here, or offline");
        foreach (string host in hosts)
        {
            DateTimeOffset end = certificates.MakeNode(host);
            output.WriteLine($"{certificates.CertificatePath(host)}  certificate of {host}, until {end.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}");
            output.WriteLine($"{certificates.KeyPath(host)}  its key: for that host alone, readable by its user alone");
        }

        output.WriteLine($"Next: copy {Path.GetFileName(certificates.AuthorityPath)} and its own two files to each host, and start nodes there with");
        output.WriteLine($"  --tls-ca {certificates.AuthorityPath} --tls-cert {certificates.CertificatePath(hosts[0])} --tls-key {certificates.KeyPath(hosts[0])}");
    }
}
