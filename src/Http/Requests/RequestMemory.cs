using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>One request's share of the node's memory budget, until it has been answered.</summary>
internal sealed class RequestMemory : IDisposable
{
    // A body is there as it came, as statements, and as what goes through the log.
    private const int BodyFactor = 6;
    private const int StatementBytes = 256;
    private const long StepBytes = 64 << 10;

    private readonly MemoryBudget _budget;
    private long _reserved;

    private RequestMemory(MemoryBudget budget) => _budget = budget;

    public static RequestMemory Of(HttpContext context, MemoryBudget budget)
    {
        var memory = new RequestMemory(budget);
        context.Response.RegisterForDispose(memory);
        return memory;
    }

    /// <summary>Counts what has come by now.</summary>
    /// <exception cref="RequestException">503: it is too much, with what other requests hold.</exception>
    public void Count(long bodyBytes, int statements)
    {
        var missing = (bodyBytes * BodyFactor) + ((long)statements * StatementBytes) - _reserved;
        if (missing <= 0)
        {
            return;
        }

        var step = (missing + StepBytes - 1) / StepBytes * StepBytes;
        if (!_budget.TryReserve(step, small: _reserved + step <= StepBytes))
        {
            throw RequestException.Overloaded(
                $"out of memory: the requests of this node hold {_budget.Used} of the {_budget.BytesMax} bytes that they may hold; try again later, or send less at once");
        }

        _reserved += step;
    }

    public void Dispose()
    {
        _budget.Release(_reserved);
        _reserved = 0;
    }
}
