"""The surface that training moves on: curvature, critical points, pictures, sharpness, connections."""
