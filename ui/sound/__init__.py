"""The tab Waveforms (WaveGrad)."""
