namespace DistTrain.Training.Tests;

public class StepPlanTests
{
    [Fact]
    public void The_short_last_batch_is_kept_and_ends_its_pass()
    {
        var plan = new StepPlan(samples: 8111, batch: 50, epochs: 2);
        Assert.Equal((163, 326L, 16222L), (plan.StepsPerPass, plan.TotalSteps, plan.TotalSamples));
        Assert.Equal((50, 11), (plan.Rows(161), plan.Rows(162)));
        Assert.Equal((0, 162, 1, 0), (plan.Pass(162), plan.StepInPass(162), plan.Pass(163), plan.StepInPass(163)));
        Assert.True(plan.EvaluatesAfter(162));
        Assert.False(plan.EvaluatesAfter(163));
        Assert.True(plan.EvaluatesAfter(325));
    }

    [Theory]
    [InlineData(10, 3, 2, 5L, 5L, 13L)]
    [InlineData(10, 3, 2, 99L, 8L, 20L)]
    [InlineData(10, 64, 3, null, 3L, 30L)]
    [InlineData(10, 5, 1, 1L, 1L, 5L)]
    public void Steps_end_the_run_where_they_come_before_the_last_pass(int samples, int batch, int epochs, long? stepsMax, long steps, long total)
    {
        var plan = new StepPlan(samples, batch, epochs, stepsMax);
        Assert.Equal((steps, total), (plan.TotalSteps, plan.TotalSamples));
        Assert.True(plan.EvaluatesAfter(steps - 1));
        Assert.Equal(total, Enumerable.Range(0, (int)steps).Sum(step => plan.Rows(step)));
    }
}
