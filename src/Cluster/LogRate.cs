namespace Rqlite.Pg.Cluster;

/// <summary>Bounds the lines that a log gets from what strangers decide: at most so many within a window, the others are counted.</summary>
public sealed class LogRate(int linesMax, TimeSpan window, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _start = time.GetTimestamp();
    private int _lines;
    private long _leftOut;

    /// <summary>False if the line is to be left out.</summary>
    /// <param name="leftOut">How many lines were left out since the last one that was not.</param>
    public bool TryTake(out long leftOut)
    {
        lock (_gate)
        {
            leftOut = 0;
            if (time.GetElapsedTime(_start) >= window)
            {
                (_start, _lines) = (time.GetTimestamp(), 0);
            }

            if (++_lines > linesMax)
            {
                _leftOut++;
                return false;
            }

            (leftOut, _leftOut) = (_leftOut, 0);
            return true;
        }
    }
}
