using System.Diagnostics;

namespace DistTrain.Repository.Tests;

/// <summary>The cluster in containers, as docker/compose.yml has it. Variables of that file (SDK_IMAGE, PACKAGE_SOURCES, ...) come from the environment.</summary>
[Trait("Category", "Long")]
public class DockerTests
{
    private static readonly TimeSpan DurationMax = TimeSpan.FromMinutes(30); // images are pulled and everything is built
    private static readonly string Project = $"disttrain-test-{Environment.ProcessId}";

    [SkippableFact]
    public void The_compose_cluster_trains_the_digits_to_the_hash_of_README()
    {
        Skip.IfNot(Run("docker", "info").ExitCode == 0, "no docker here");
        string[]? compose = Run("docker", "compose", "version").ExitCode == 0 ? ["docker", "compose"]
            : Run("docker-compose", "--version").ExitCode == 0 ? ["docker-compose"] : null;
        Skip.If(compose is null, "docker is here, and neither compose v2 nor docker-compose");
        string hash = new TextFile("README.md").Lines.Single(line => line.StartsWith("weights      sha256 ", StringComparison.Ordinal)).Split(' ')[^1];
        DirectoryInfo runs = Directory.CreateTempSubdirectory("disttrain-runs-");
        string[] cluster = [.. compose!, "-p", Project, "-f", "docker/compose.yml"];
        try
        {
            // Without --exit-code-from: compose ends everything then when "keys", which only makes keys, has ended.
            (int exitCode, string built) = Run([.. cluster, "up", "--build", "--detach"]);
            Assert.True(exitCode == 0, built);
            string log = Run([.. cluster, "logs", "--follow", "--no-color", "train"]).Output;
            Assert.Contains($"weights      sha256 {hash}", log, StringComparison.Ordinal);

            (exitCode, string again) = Run([.. cluster, "run", "-T", "--rm", "train"]);
            Assert.True(exitCode == 0, again);
            Assert.Contains($"weights      sha256 {hash}", again, StringComparison.Ordinal);

            (exitCode, string status) = Run([.. cluster, "exec", "-T", "worker1", "disttrain", "status", "--node", "http://127.0.0.1:4055", "--token-file", "/keys/token"]);
            Assert.True(exitCode == 0, status);
            Assert.Contains("coordinator1:4053", status, StringComparison.Ordinal);
            if (compose!.Length == 2)
            {
                // docker-compose has no cp.
                (exitCode, string copied) = Run([.. cluster, "cp", "coordinator1:/runs", runs.FullName]);
                Assert.True(exitCode == 0, copied);
                Assert.Equal(2, runs.GetDirectories("*-*", SearchOption.AllDirectories).Count(run => File.Exists(Path.Combine(run.FullName, "model.safetensors"))));
            }
        }
        finally
        {
            Run([.. cluster, "down", "-v", "--timeout", "5"]);
            runs.Delete(recursive: true);
        }
    }

    private static FinishedCommand Run(params string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..]) { WorkingDirectory = Checkout.Root };
        start.Environment["DISTTRAIN_PORT"] = "0";
        start.Environment["DISTTRAIN_JOB"] = "";
        try
        {
            return FinishedCommand.Run(start, DurationMax);
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return new FinishedCommand(-1, missing.Message);
        }
    }
}
