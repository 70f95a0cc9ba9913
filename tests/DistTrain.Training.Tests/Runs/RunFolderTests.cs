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
        Assert.Equal(RunFolder.Open(parent["run"]).RecordedJobSha256, opened.RecordedJobSha256);
        Assert.NotEqual(opened.Job.Sha256(), opened.RecordedJobSha256);
        UserError error = Assert.Throws<UserError>(() => RunFolder.Open(parent["run"], new JobOverlays().AddSet("train.batch=9").AddSet("train.seed=2")));
        Assert.Contains("train.batch, train.seed: can't change in a run that is resumed", error.Message, StringComparison.Ordinal);
        Assert.Equal($"{parent.Path}: is no run folder: job.yaml is missing", Assert.Throws<UserError>(() => RunFolder.Open(parent.Path)).Message);
    }
}
