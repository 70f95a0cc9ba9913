using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

public class RunFolderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_new_run_has_its_job_and_takes_events()
    {
        using var parent = new TestFolder();
        Job job = new() { Run = new RunJob { Out = parent["run"] } };
        RunFolder folder = RunFolder.Create(job, Noon);
        Assert.Equal(job.ToYaml(), JobFile.Load(folder.JobPath).ToYaml());
        folder.Record(new RunNotice("one"));
        folder.Record(new StepProgress { Step = 1, Epoch = 1, Train = new(1, "accuracy", 0, 1), SamplesPerSecond = 1, RemainingSeconds = 1 });
        folder.Record(new CheckpointWritten(7, "here"));
        Assert.Equal(
            ["""{"event":"notice","message":"one"}""", """{"event":"checkpoint","step":7,"path":"here"}"""],
            File.ReadAllLines(folder.MetricsPath));
    }

    [Fact]
    public void A_new_run_that_can_not_begin_leaves_nothing_and_an_earlier_one_stays()
    {
        using var parent = new TestFolder();
        Job job = new() { Run = new RunJob { Out = parent["run"] } };
        RunFolder folder = RunFolder.Create(job, Noon);
        folder.Record(new RunNotice("one"));
        folder.Withdraw();
        Assert.Empty(Directory.GetFileSystemEntries(parent.Path));

        RunFolder.Create(job, Noon);
        RunFolder.Open(parent["run"]).Withdraw();
        Assert.True(File.Exists(folder.JobPath));
    }

    [Fact]
    public void The_job_of_a_run_finds_its_data_from_anywhere()
    {
        using var parent = new TestFolder();
        Job job = JobFile.Parse("", overlays: new JobOverlays().AddFlag("--out", "run.out", parent["run"]).AddFlag("--data", "data.path", "pictures"));
        RunFolder.Create(job, Noon);
        Assert.Equal(Path.GetFullPath("pictures"), RunFolder.Open(parent["run"]).Job.Data.Path);
    }

    [Fact]
    public void A_folder_with_files_is_never_written_over()
    {
        using var parent = new TestFolder();
        File.WriteAllText(parent["mine"], "");
        UserError error = Assert.Throws<UserError>(() => RunFolder.Create(new Job { Run = new RunJob { Out = parent.Path } }, Noon));
        Assert.Equal($"run.out: found {parent.Path}, which exists and is not empty; allowed: a new or empty folder, or --resume {parent.Path} to continue a run", error.Message);
        Assert.Single(Directory.GetFileSystemEntries(parent.Path));
    }

    [Fact]
    public void A_resumed_run_may_change_its_length_and_machines_and_nothing_else()
    {
        using var parent = new TestFolder();
        RunFolder.Create(new Job { Run = new RunJob { Out = parent["run"] } }, Noon);
        RunFolder opened = RunFolder.Open(parent["run"], new JobOverlays().AddSet("train.epochs=9").AddSet("run.workers=3"));
        Assert.Equal((9, 3, parent["run"]), (opened.Job.Train.Epochs, opened.Job.Run.Workers, opened.Job.Run.Out));
        Assert.Equal(2, opened.JobHashes.Count);
        UserError error = Assert.Throws<UserError>(() => RunFolder.Open(parent["run"], new JobOverlays().AddSet("train.batch=9").AddSet("train.seed=2")));
        Assert.Contains("train.batch, train.seed: can't change in a run that is resumed", error.Message, StringComparison.Ordinal);
        Assert.Equal($"{parent.Path}: is no run folder: job.yaml is missing", Assert.Throws<UserError>(() => RunFolder.Open(parent.Path)).Message);
    }

    /// <summary>Whoever resumes once more says nothing and means the new length; the jobs before stay, for checkpoints made by them.</summary>
    [Fact]
    public void A_changed_length_is_what_the_run_folder_tells_from_then_on()
    {
        using var parent = new TestFolder();
        Job first = new() { Run = new RunJob { Out = parent["run"], Workers = 2 } };
        RunFolder.Create(first, Noon);
        RunFolder.Open(parent["run"]).GoOnFrom(5);
        Assert.Single(Directory.GetFiles(parent["run"]));
        RunFolder.Open(parent["run"], new JobOverlays().AddSet("train.epochs=9").AddSet("run.workers=3")).GoOnFrom(10);
        RunFolder.Open(parent["run"], new JobOverlays().AddSet("train.epochs=12")).GoOnFrom(10);
        RunFolder again = RunFolder.Open(parent["run"]);
        Assert.Equal((12, 2), (again.Job.Train.Epochs, again.Job.Run.Workers));
        Assert.Equal(
            ["job-until-step-00000010-2.yaml", "job-until-step-00000010.yaml", "job.yaml"],
            Directory.GetFiles(parent["run"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(first.ToYaml(), JobFile.Load(parent["run", "job-until-step-00000010.yaml"]).ToYaml());
        Assert.Contains(first.Sha256(), again.JobHashes);
        Assert.Equal(3, again.JobHashes.Count);
    }

    [Fact]
    public void Events_that_can_t_be_written_are_told_of_once_and_written_later()
    {
        using var parent = new TestFolder();
        RunFolder folder = RunFolder.Create(new Job { Run = new RunJob { Out = parent["run"] } }, Noon);
        Directory.CreateDirectory(folder.MetricsPath);
        Assert.Contains("metrics.jsonl can't be written; training goes on", folder.Record(new RunNotice("one")), StringComparison.Ordinal);
        Assert.Null(folder.Record(new RunNotice("two")));
        Directory.Delete(folder.MetricsPath);
        Assert.Null(folder.Record(new RunNotice("three")));
        Assert.Equal(["one", "two", "three"], File.ReadAllLines(folder.MetricsPath).Select(line => (string?)System.Text.Json.Nodes.JsonNode.Parse(line)!["message"]));
    }
}
