namespace DistTrain.Cli.Tests;

public sealed class CertsCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("disttrain-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Makes_an_authority_and_files_for_each_host_and_says_what_each_is_for()
    {
        CliRun run = await CliRun.Of("certs", "--out", folder, "--hosts", "node-a,10.0.0.7");
        Assert.Equal(0, run.ExitCode);
        string[] names = ["10.0.0.7.key", "10.0.0.7.pem", "ca.key", "ca.pem", "node-a.key", "node-a.pem"];
        Assert.Equal(names, Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(names, name => Assert.Contains(Path.Combine(folder, name), run.Output, StringComparison.Ordinal));
        Assert.Contains("--tls-ca ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_join_token_is_made_once_and_is_its_owners_alone()
    {
        CliRun first = await CliRun.Of("certs", "--out", folder, "--token");
        string path = Path.Combine(folder, "token");
        string token = await File.ReadAllTextAsync(path);
        CliRun second = await CliRun.Of("certs", "--out", folder, "--token");

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(64, token.Trim().Length);
        Assert.Equal(token, await File.ReadAllTextAsync(path));
        Assert.Contains($"{path}  the join token: the same for every node", first.Output, StringComparison.Ordinal);
        Assert.Contains($"{path}  the join token, as it was", second.Output, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Theory]
    [InlineData("a b", "--hosts: found \"a b\"; allowed: names and IP addresses of hosts, separated by commas\n")]
    [InlineData(",", "--hosts: found nothing; allowed: names and IP addresses of hosts, separated by commas\n")]
    public async Task What_is_no_host_is_refused_before_anything_is_made(string hosts, string error)
    {
        CliRun run = await CliRun.Of("certs", "--out", folder, "--hosts", hosts);
        Assert.Equal((2, "", error), (run.ExitCode, run.Output, run.Error));
        Assert.Empty(Directory.GetFiles(folder));
    }
}
